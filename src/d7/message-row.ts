/**
 * One message of a log in D7's JSON: where in the bytes each of its values stands. D7's names (snake_case) go no further than
 * this file and the decoder.
 *
 * A row is plain when each value stands there once and goes out as it came in, but for the status and the time. What is not
 * plain is left to the decoder, which says what is wrong with it, or writes it plainly.
 *
 * Rows look alike. What stands between the values of one, `,"country":` say, stands between those of the next: so a row that was
 * read name by name leaves its layout behind, and where the next one has that layout only its values are looked at.
 */
import * as json from './json-tokens.ts';
import { isFinalStatus, statuses, statusOf, type ViberMessageStatus } from './status.ts';
import { parseTime } from './time.ts';

export type ViberMessage = {
  requestId: string;
  msgId: string;
  country: string | null;
  recipient: string;
  status: ViberMessageStatus;
  rawStatus: string;
  numberOfViberMessage: number;
  viberCost: number;
  scheduleTime: Date | null;
};

/** Where in `Row.spans` a value has its start; its end is next to it. */
const cells = {
  msgId: 0,
  country: 2,
  recipient: 4,
  rawStatus: 6,
  numberOfViberMessage: 8,
  viberCost: 10,
  scheduleTime: 12,
} as const;
const spanCount = 14;
const unknownCell = -1;

/** What is spelt in our JSON as in D7's, by its cell; and what is not, by numbers past those. */
export const columns = {
  msgId: cells.msgId,
  country: cells.country,
  recipient: cells.recipient,
  rawStatus: cells.rawStatus,
  numberOfViberMessage: cells.numberOfViberMessage,
  viberCost: cells.viberCost,
  requestId: spanCount,
  status: spanCount + 1,
  scheduleTime: spanCount + 2,
} as const satisfies Record<keyof ViberMessage, number>;

const cellsByName = new Map<string, number>([
  ['msg_id', cells.msgId],
  ['country', cells.country],
  ['recipient', cells.recipient],
  ['status', cells.rawStatus],
  ['number_of_viber_message', cells.numberOfViberMessage],
  // So D7's parameter table calls the same thing.
  ['number_of_sms', cells.numberOfViberMessage],
  ['viber_cost', cells.viberCost],
  ['schedule_time', cells.scheduleTime],
]);

/** In the order of the row; what is not known has a place there, too, and no cell. */
type Layout = { before: Buffer[]; cells: number[]; after: Buffer };
let layout: Layout = { before: [], cells: [], after: Buffer.from('}') };

const statusTokens = statuses.map((status) => Buffer.from(JSON.stringify(status)));
/** As D7 documents them, in the order of `statuses`. */
const rawStatusTokens = ['delivered', 'sent', 'undelivered'].map((status) => Buffer.from(JSON.stringify(status)));
const nullToken = Buffer.from('null');

export class Row {
  readonly bytes: Buffer;
  /** A start of 0 is that of no value: something stands before each. */
  readonly spans = new Int32Array(spanCount);
  readonly #requestId: string;
  #requestIdToken: Buffer | undefined;
  /** The messages of one request are scheduled for one time, mostly: it is read once. */
  #timeText = '';
  #time: Date | null = null;
  #timeToken = nullToken;

  constructor(bytes: Buffer, requestId: string) {
    this.bytes = bytes;
    this.#requestId = requestId;
  }

  /** Reads the row that begins at `at`. Answers where it ends, or `notPlain`. */
  read(at: number): number {
    const end = readByLayout(this.bytes, at, this.spans);
    return end === json.notPlain ? readByNames(this.bytes, json.skipSpace(this.bytes, at), this.spans) : end;
  }

  isFinal(): boolean {
    return isFinalStatus(this.#status());
  }

  /** Whether it is scheduled for a time that is none. */
  hasOddTime(): boolean {
    return this.#has(cells.scheduleTime) && this.#readTime() === null;
  }

  /** The JSON of a column that is not spelt as in D7's. */
  token(column: number): Buffer {
    switch (column) {
      case columns.status:
        return statusTokens[statusIndex(this.bytes, this.spans)] as Buffer;
      case columns.scheduleTime:
        this.#readTime();
        return this.#timeToken;
      case columns.requestId:
        this.#requestIdToken ??= Buffer.from(JSON.stringify(this.#requestId));
        return this.#requestIdToken;
      default:
        return nullToken;
    }
  }

  decoded(): ViberMessage {
    return {
      requestId: this.#requestId,
      msgId: stringAt(this.bytes, this.spans, cells.msgId),
      country: this.#has(cells.country) ? stringAt(this.bytes, this.spans, cells.country) : null,
      recipient: stringAt(this.bytes, this.spans, cells.recipient),
      status: this.#status(),
      rawStatus: stringAt(this.bytes, this.spans, cells.rawStatus),
      numberOfViberMessage: Number(textAt(this.bytes, this.spans, cells.numberOfViberMessage)),
      viberCost: Number(textAt(this.bytes, this.spans, cells.viberCost)),
      scheduleTime: this.#readTime(),
    };
  }

  #status(): ViberMessageStatus {
    return statuses[statusIndex(this.bytes, this.spans)] as ViberMessageStatus;
  }

  /** Whether there is a text, and not null or nothing. */
  #has(cell: number): boolean {
    const start = this.spans[cell] as number;
    return start !== 0 && this.bytes[start] === json.quote;
  }

  #readTime(): Date | null {
    const text = this.#has(cells.scheduleTime) ? textAt(this.bytes, this.spans, cells.scheduleTime) : '';
    if (text !== this.#timeText) {
      this.#timeText = text;
      this.#time = text === '' ? null : parseTime(JSON.parse(text));
      this.#timeToken = this.#time === null ? nullToken : Buffer.from(JSON.stringify(this.#time));
    }
    return this.#time;
  }
}

function readByLayout(bytes: Buffer, at: number, spans: Int32Array): number {
  const { before, cells, after } = layout;
  if (before.length === 0) return json.notPlain;
  let i = at;
  for (let field = 0; field < before.length; field += 1) {
    const between = before[field] as Buffer;
    if (!json.isAt(bytes, i, between)) return json.notPlain;
    const start = i + between.length;
    const cell = cells[field] as number;
    i = json.endOfScalar(bytes, start);
    if (i === json.notPlain) return i;
    if (cell === unknownCell) continue;
    if (!fits(bytes, start, i, cell)) return json.notPlain;
    spans[cell] = start;
    spans[cell + 1] = i;
  }
  return json.isAt(bytes, i, after) ? i + after.length : json.notPlain;
}

function readByNames(bytes: Buffer, at: number, spans: Int32Array): number {
  const seen: Layout = { before: [], cells: [], after: nullToken };
  spans.fill(0);
  let i = at;
  if (bytes[i] !== json.openObject) return json.notPlain;
  let valueEnd = at;
  do {
    const nameAt = json.skipSpace(bytes, i + 1);
    const nameEnd = json.endOfName(bytes, nameAt);
    const colonAt = nameEnd === json.notPlain ? nameEnd : json.skipSpace(bytes, nameEnd);
    if (bytes[colonAt] !== json.colon) return json.notPlain;
    const start = json.skipSpace(bytes, colonAt + 1);
    const end = json.endOfScalar(bytes, start);
    if (end === json.notPlain) return end;
    const cell = cellsByName.get(bytes.toString('utf8', nameAt + 1, nameEnd - 1)) ?? unknownCell;
    seen.before.push(Buffer.from(bytes.subarray(valueEnd, start)));
    seen.cells.push(cell);
    if (cell !== unknownCell) {
      // Of what stands there twice JSON.parse takes the last, and of the number's two names the decoder takes one.
      if (spans[cell] !== 0 || !fits(bytes, start, end, cell)) return json.notPlain;
      spans[cell] = start;
      spans[cell + 1] = end;
    }
    valueEnd = end;
    i = json.skipSpace(bytes, end);
  } while (bytes[i] === json.comma);
  if (bytes[i] !== json.closeObject || !isWhole(spans)) return json.notPlain;
  layout = { ...seen, after: Buffer.from(bytes.subarray(valueEnd, i + 1)) };
  return i + 1;
}

function fits(bytes: Buffer, start: number, end: number, cell: number): boolean {
  const first = bytes[start] as number;
  switch (cell) {
    case cells.numberOfViberMessage:
      return json.isCount(bytes, start, end);
    case cells.viberCost:
      return json.beginsNumber(first);
    case cells.country:
    case cells.scheduleTime:
      return first === json.quote || json.isAt(bytes, start, nullToken);
    default:
      return first === json.quote;
  }
}

function isWhole(spans: Int32Array): boolean {
  return (
    spans[cells.msgId] !== 0 &&
    spans[cells.recipient] !== 0 &&
    spans[cells.rawStatus] !== 0 &&
    spans[cells.numberOfViberMessage] !== 0 &&
    spans[cells.viberCost] !== 0
  );
}

function statusIndex(bytes: Buffer, spans: Int32Array): number {
  const start = spans[cells.rawStatus] as number;
  const length = (spans[cells.rawStatus + 1] as number) - start;
  for (let status = 0; status < rawStatusTokens.length; status += 1) {
    const token = rawStatusTokens[status] as Buffer;
    if (token.length === length && json.isAt(bytes, start, token)) return status;
  }
  return statuses.indexOf(statusOf(stringAt(bytes, spans, cells.rawStatus)));
}

function textAt(bytes: Buffer, spans: Int32Array, cell: number): string {
  return bytes.toString('utf8', spans[cell], spans[cell + 1]);
}

function stringAt(bytes: Buffer, spans: Int32Array, cell: number): string {
  const text = textAt(bytes, spans, cell);
  return text.includes('\\') ? JSON.parse(text) : text.slice(1, -1);
}
