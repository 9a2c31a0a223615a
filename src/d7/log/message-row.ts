/**
 * One message of a log in D7's JSON: where in the bytes its values are, and what they are in our types.
 *
 * A row is canonical where each value occurs once, has its kind or is null, and goes out as it came in, except the status and the time.
 * canonical-log.ts handles every other row.
 */
import type { DriftCounts } from './drift-counts.ts';
import { type DecodedMessage, type FieldKind, type MessageKey, messageFields } from './fields.ts';
import { backslash, beginsNumber, countAt, isAt, isNull, quote } from './json-tokens.ts';
import type { Layout } from './layout.ts';
import { cells, fieldOf, kindOfCell, reportedCells, spanCount } from './row-cells.ts';
import { readRow, readRowAgain, takeReportedNull } from './row-layout.ts';
import { isFinalStatus, statuses, statusOf, type ViberMessageStatus } from './status.ts';
import { parseTimestamp } from './timestamp.ts';

export type ViberMessage = DecodedMessage & { requestId: string; status: ViberMessageStatus };

const keys = Object.keys(messageFields) as MessageKey[];

/** A value whose JSON differs from D7's has a number past the cells: that of its cell plus `rewritten`. */
const rewritten = spanCount;
const requestIdColumn = 2 * spanCount;
const statusColumn = rewritten + cells.rawStatus;

/** The number of each field of our type. A number below `spanCount` is a cell, whose bytes go out as they are. */
export const columns: Readonly<Record<keyof ViberMessage, number>> = {
  ...columnsOfCells(),
  requestId: requestIdColumn,
  status: statusColumn,
};

/** A copy of it has all its properties from the start, which costs less than to add them one by one. */
const emptyMessage: Readonly<Record<string, unknown>> = Object.fromEntries(
  ['requestId', 'status', ...keys].map((key) => [key, null]),
);

const statusTokens = statuses.map((status) => Buffer.from(JSON.stringify(status)));
/** As D7 documents them, in the order of `statuses`. */
const rawStatusTokens = ['delivered', 'sent', 'undelivered'].map((status) => Buffer.from(JSON.stringify(status)));
const unknownIndex = statuses.indexOf('UNKNOWN');
const nullToken = Buffer.from('null');

/**
 * The spans of the row that was read last. All rows share this memory, since to allocate it costs more than to read a row.
 *
 * Danger: between `read()` and the last use of the row no other row may be read, so nothing may await or yield there. A caller that
 * yields between two rows calls `read()` again before it uses a value. `Row.spans` throws where this rule is broken.
 */
const sharedSpans = new Int32Array(spanCount);
/** The number of the row object that wrote them, and not the object itself, which would retain the body of a log. */
let writer = 0;
let lastNumber = 0;

export class Row {
  readonly bytes: Buffer;
  readonly #view: DataView;
  readonly #number = nextNumber();
  readonly #requestId: string;
  #requestIdToken: Buffer | undefined;
  /** The messages of one request usually have the same time, so it is parsed once. */
  #timeText = '';
  #time: Date | null = null;
  #timeToken = nullToken;

  /** @param view of the same bytes: to make one takes as long as to read a row. */
  constructor(bytes: Buffer, requestId: string, view: DataView) {
    this.bytes = bytes;
    this.#view = view;
    this.#requestId = requestId;
  }

  /** The start and the end of each value, by its cell. A start of 0 means that the row has no value. */
  get spans(): Int32Array {
    if (writer !== this.#number) throw new Error('Another row was read while this one was in use.');
    return sharedSpans;
  }

  /** Reads the row that begins at `at`, and returns where it ends, or `notCanonical`. */
  read(at: number): number {
    writer = this.#number;
    return readRow(this.bytes, this.#view, at, sharedSpans);
  }

  /** Reads a row again that is known to have this layout. */
  readAgain(at: number, layout: Layout): number {
    writer = this.#number;
    return readRowAgain(this.bytes, this.#view, at, sharedSpans, layout);
  }

  msgId(): string {
    return stringAt(this.bytes, this.spans, cells.msgId);
  }

  isFinal(): boolean {
    return isFinalStatus(this.status());
  }

  status(): ViberMessageStatus {
    return statuses[this.statusIndex()] as ViberMessageStatus;
  }

  /** In `statuses`. */
  statusIndex(): number {
    return statusIndex(this.bytes, this.spans);
  }

  text(key: 'country' | 'recipient'): string | null {
    const cell = cells[key];
    if (!this.#isString(cell)) return null;
    return twoLettersAt(this.bytes, this.spans, cell) ?? stringAt(this.bytes, this.spans, cell);
  }

  count(key: 'numberOfViberMessage'): number | null {
    const start = this.startOf(key);
    return start === null ? null : countAt(this.bytes, start, this.endOf(key));
  }

  /** Null where the value is null or missing. */
  startOf(key: MessageKey): number | null {
    const start = this.spans[cells[key]] as number;
    return start === 0 || isNull(this.bytes, start) ? null : start;
  }

  /** Of a value that has a start. */
  endOf(key: MessageKey): number {
    return this.spans[cells[key] + 1] as number;
  }

  /** Counts each value that the operator is notified of: a null that is not normal, and a text that is not a time. */
  countDrift(drift: DriftCounts): void {
    if (takeReportedNull()) this.#countNulls(drift);
    if (this.#isString(cells.scheduleTime) && this.#timeAt(cells.scheduleTime) === null) {
      drift.add(messageFields.scheduleTime);
    }
  }

  /** The JSON of a column that has no bytes of its own in the row. */
  token(column: number): Buffer {
    if (column === statusColumn) return statusTokens[this.statusIndex()] as Buffer;
    if (column === requestIdColumn) {
      this.#requestIdToken ??= Buffer.from(JSON.stringify(this.#requestId));
      return this.#requestIdToken;
    }
    if (column < rewritten) return nullToken;
    this.#timeAt(column - rewritten);
    return this.#timeToken;
  }

  decoded(): ViberMessage {
    const message: Record<string, unknown> = { ...emptyMessage };
    message.requestId = this.#requestId;
    message.status = this.status();
    for (let field = 0; field < keys.length; field += 1) message[keys[field] as string] = this.#valueAt(field * 2);
    return message as ViberMessage;
  }

  #countNulls(drift: DriftCounts): void {
    for (const cell of reportedCells) if (isNull(this.bytes, this.spans[cell] as number)) drift.add(fieldOf(cell));
  }

  #valueAt(cell: number): DecodedMessage[MessageKey] {
    switch (kindOfCell[cell] as FieldKind) {
      case 'text':
      case 'status':
        return this.#isString(cell) ? stringAt(this.bytes, this.spans, cell) : null;
      case 'count':
      case 'decimal':
        return this.#numberAt(cell);
      case 'time':
        return this.#timeAt(cell);
    }
  }

  /** False where the value is null or missing. */
  #isString(cell: number): boolean {
    const start = this.spans[cell] as number;
    return start !== 0 && this.bytes[start] === quote;
  }

  #numberAt(cell: number): number | null {
    const start = this.spans[cell] as number;
    const isNumber = start !== 0 && beginsNumber(this.bytes[start] as number);
    return isNumber ? Number(textAt(this.bytes, this.spans, cell)) : null;
  }

  #timeAt(cell: number): Date | null {
    const text = this.#isString(cell) ? textAt(this.bytes, this.spans, cell) : '';
    if (text !== this.#timeText) {
      this.#timeText = text;
      this.#time = text === '' ? null : parseTimestamp(JSON.parse(text));
      this.#timeToken = this.#time === null ? nullToken : Buffer.from(JSON.stringify(this.#time));
    }
    return this.#time;
  }
}

/** Wraps around, so that it stays a 32-bit integer. */
function nextNumber(): number {
  lastNumber = (lastNumber + 1) | 0;
  return lastNumber;
}

function columnsOfCells(): Record<MessageKey, number> {
  const columns = keys.map((key) => [key, messageFields[key].kind === 'time' ? rewritten + cells[key] : cells[key]]);
  return Object.fromEntries(columns);
}

function statusIndex(bytes: Buffer, spans: Int32Array): number {
  const start = spans[cells.rawStatus] as number;
  const length = (spans[cells.rawStatus + 1] as number) - start;
  for (let status = 0; status < rawStatusTokens.length; status += 1) {
    const token = rawStatusTokens[status] as Buffer;
    if (token.length === length && isAt(bytes, start, token)) return status;
  }
  if (isNull(bytes, start)) return unknownIndex;
  return statuses.indexOf(statusOf(stringAt(bytes, spans, cells.rawStatus)));
}

/** Strings of two ASCII letters or digits, as codes of countries are: each is created once, and not for each row. */
const twoLetters = new Map<number, string>();

function twoLettersAt(bytes: Buffer, spans: Int32Array, cell: number): string | null {
  const start = spans[cell] as number;
  if ((spans[cell + 1] as number) - start !== 4) return null;
  const [first, second] = [bytes[start + 1] as number, bytes[start + 2] as number];
  if (first > 0x7f || second > 0x7f || first === backslash) return null;
  const pair = first * 128 + second;
  let text = twoLetters.get(pair);
  if (text === undefined) {
    text = String.fromCharCode(first, second);
    twoLetters.set(pair, text);
  }
  return text;
}

function textAt(bytes: Buffer, spans: Int32Array, cell: number): string {
  return bytes.toString('utf8', spans[cell], spans[cell + 1]);
}

function stringAt(bytes: Buffer, spans: Int32Array, cell: number): string {
  const text = textAt(bytes, spans, cell);
  return text.includes('\\') ? JSON.parse(text) : text.slice(1, -1);
}
