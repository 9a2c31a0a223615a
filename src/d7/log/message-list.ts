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

export class MessageList {
  readonly count: number;
  /** Whether no status in it can change any more. */
  readonly areFinal: boolean;
  readonly #requestId: string;
  readonly #body: Buffer;
  readonly #start: number;
  readonly #end: number;

  /** @param place of a list in `body`, with its brackets, each row of which `Row.read` takes. */
  constructor(
    requestId: string,
    body: Buffer,
    { start, end, count, areFinal }: { start: number; end: number; count: number; areFinal: boolean },
  ) {
    this.count = count;
    this.areFinal = areFinal;
    this.#requestId = requestId;
    this.#body = body;
    this.#start = start;
    this.#end = end;
  }

  get byteLength(): number {
    return this.#end - this.#start;
  }

  /** Its JSON, with the brackets. */
  get list(): Buffer {
    return this.#body.subarray(this.#start, this.#end);
  }

  /** Can be left and taken up again: each step reads its row anew. */
  rows(): RowCursor {
    return new RowCursor(new Row(this.#body, this.#requestId), this.#start, this.count);
  }

  /** @param visit is given the same row each time, moved on. */
  walk(visit: (row: Row) => void): void {
    const rows = this.rows();
    while (rows.next()) visit(rows.row);
  }

  /** @param start that a cursor had at the row. */
  decodedAt(start: number): ViberMessage {
    const row = new Row(this.#body, this.#requestId);
    row.read(start);
    return row.decoded();
  }

  decoded(): ViberMessage[] {
    const messages: ViberMessage[] = [];
    this.walk((row) => messages.push(row.decoded()));
    return messages;
  }

  /** The same bytes say the same. Others may, too, when D7 writes its fields in another order. */
  areTheSameAs(other: MessageList): boolean {
    return this.list.equals(other.list) || isDeepStrictEqual(this.decoded(), other.decoded());
  }
}

/** All rows share the place where their values are noted, so a row is to be used before another one is read. */
export class RowCursor {
  readonly row: Row;
  /** Where the row begins. */
  start = 0;
  #at: number;
  #left: number;

  constructor(row: Row, at: number, count: number) {
    this.row = row;
    this.#at = at;
    this.#left = count;
  }

  /** False after the last row. */
  next(): boolean {
    if (this.#left === 0) return false;
    this.#left -= 1;
    const { row } = this;
    // Past the bracket, or the comma.
    this.start = skipSpace(row.bytes, this.#at + 1);
    this.#at = skipSpace(row.bytes, row.read(this.start));
    return true;
  }
}
