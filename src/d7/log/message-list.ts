/**
 * The messages of a log as D7 wrote them: JSON in bytes, checked once, and read again row by row for each use.
 *
 * A large log has one or two megabytes. Its objects from JSON.parse, and their text from JSON.stringify, would be most of its cost. But
 * nearly every value goes out as it came in: `"+9715097526xx"` has the same bytes in D7's JSON and in ours. So the gateway creates objects
 * only for the callers that need them. A walk over the rows finds where each value is, and a cached log takes as much memory as its body.
 */
import { isDeepStrictEqual } from 'node:util';
import { skipSpace } from './json-tokens.ts';
import type { Layout } from './layout.ts';
import { Row, type ViberMessage } from './message-row.ts';
import { viewOf } from './words.ts';

type Place = { start: number; end: number; count: number; areFinal: boolean; layout: Layout | null };

export class MessageList {
  readonly count: number;
  /** Whether every status is final. */
  readonly areFinal: boolean;
  readonly #requestId: string;
  readonly #body: Buffer;
  readonly #view: DataView;
  /** Of all rows, or null where they have different ones. */
  readonly #layout: Layout | null;
  readonly #start: number;
  readonly #end: number;

  /** @param place of a list in `body`, with its brackets. `Row.read` accepts each of its rows. */
  constructor(
    requestId: string,
    body: Buffer,
    { start, end, count, areFinal, layout }: Place,
    view: DataView = viewOf(body),
  ) {
    this.count = count;
    this.areFinal = areFinal;
    this.#requestId = requestId;
    this.#body = body;
    this.#view = view;
    this.#layout = layout;
    this.#start = start;
    this.#end = end;
  }

  get byteLength(): number {
    return this.#end - this.#start;
  }

  /** The JSON of the list, with its brackets. */
  get list(): Buffer {
    return this.#body.subarray(this.#start, this.#end);
  }

  /** A caller may yield between two rows of the cursor, since each step reads its row again. */
  rows(): RowCursor {
    return new RowCursor(this.#row(), this.#start, this.count, this.#layout);
  }

  /** @param visit receives the same object for each row. It must not retain it, and must not read another row. */
  walk(visit: (row: Row) => void): void {
    const rows = this.rows();
    while (rows.next()) visit(rows.row);
  }

  /** @param starts `RowCursor.start` of each row. */
  rowsAt(starts: Int32Array): RowsAt {
    return new RowsAt(this.#row(), starts, this.#layout);
  }

  #row(): Row {
    return new Row(this.#body, this.#requestId, this.#view);
  }

  /** @param start `RowCursor.start` of the row. */
  rowAt(start: number): Row {
    const row = this.#row();
    row.read(start);
    return row;
  }

  decodedAt(start: number): ViberMessage {
    return this.rowAt(start).decoded();
  }

  decoded(): ViberMessage[] {
    const messages: ViberMessage[] = [];
    this.walk((row) => messages.push(row.decoded()));
    return messages;
  }

  /** Equal bytes are equal messages. Other bytes may be, too, where D7 writes its fields in another order. */
  equals(other: MessageList): boolean {
    return this.list.equals(other.list) || isDeepStrictEqual(this.decoded(), other.decoded());
  }
}

/** See message-row.ts for the rule on when the row is valid. */
export class RowCursor {
  readonly row: Row;
  /** Where the row begins. */
  start = 0;
  readonly #layout: Layout | null;
  #at: number;
  #remaining: number;

  constructor(row: Row, at: number, count: number, layout: Layout | null) {
    this.row = row;
    this.#layout = layout;
    this.#at = at;
    this.#remaining = count;
  }

  /** False after the last row. */
  next(): boolean {
    if (this.#remaining === 0) return false;
    this.#remaining -= 1;
    const { row } = this;
    // Past the bracket, or the comma.
    this.start = skipSpace(row.bytes, this.#at + 1);
    this.#at = skipSpace(row.bytes, readAgain(row, this.start, this.#layout));
    return true;
  }
}

/** Some rows of a list, by where they begin. */
export class RowsAt {
  readonly row: Row;
  readonly #starts: Int32Array;
  readonly #layout: Layout | null;
  #index = 0;

  constructor(row: Row, starts: Int32Array, layout: Layout | null) {
    this.row = row;
    this.#starts = starts;
    this.#layout = layout;
  }

  /** False after the last row. */
  next(): boolean {
    const start = this.#starts[this.#index];
    if (start === undefined) return false;
    this.#index += 1;
    readAgain(this.row, start, this.#layout);
    return true;
  }
}

function readAgain(row: Row, at: number, layout: Layout | null): number {
  return layout === null ? row.read(at) : row.readAgain(at, layout);
}
