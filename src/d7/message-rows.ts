/**
 * The messages of a log as D7 wrote them: JSON in bytes, checked once, and walked again row by row whenever they are needed.
 *
 * A large log is a megabyte or two, and most of what it costs to hand on is the objects that JSON.parse makes of it and the text
 * that JSON.stringify makes of them. Yet nearly every value goes out as it came in: `"+9715097526xx"` is the same bytes in D7's
 * JSON and in ours. So no objects are made of a log but where somebody asks for them. A walk over the rows tells where in the
 * bytes each value lies, and a kept log weighs as much as its body.
 */
import { isDeepStrictEqual } from 'node:util';
import { skipSpace } from './json-tokens.ts';
import { Row, type ViberMessage } from './message-row.ts';

export class MessageRows {
  readonly count: number;
  /** Whether no status in it can change any more. */
  readonly areFinal: boolean;
  /** The list, from its first bracket on. */
  readonly list: Buffer;
  readonly #requestId: string;

  /** @param list of rows that `Row.read` takes, each of them. */
  constructor(requestId: string, list: Buffer, { count, areFinal }: { count: number; areFinal: boolean }) {
    this.#requestId = requestId;
    this.list = list;
    this.count = count;
    this.areFinal = areFinal;
  }

  /** @param visit is given the same row each time, moved on. */
  walk(visit: (row: Row) => void): void {
    const row = new Row(this.list, this.#requestId);
    let at = 0;
    for (let index = 0; index < this.count; index += 1) {
      // Past the bracket, or the comma.
      at = skipSpace(this.list, row.read(at + 1));
      visit(row);
    }
  }

  /** The same bytes say the same. Others may, too, when D7 writes its fields in another order. */
  areTheSameAs(other: MessageRows): boolean {
    return this.list.equals(other.list) || isDeepStrictEqual(this.decoded(), other.decoded());
  }

  decoded(): ViberMessage[] {
    const messages: ViberMessage[] = [];
    this.walk((row) => messages.push(row.decoded()));
    return messages;
  }
}
