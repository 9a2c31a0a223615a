/**
 * One message of a log in D7's JSON: where in the bytes each of its values stands, and what it is in ours.
 *
 * A row is plain when each value stands there once and goes out as it came in, but for the status and the time. What is not
 * plain is left to the decoder, which says what is wrong with it, or writes it plainly.
 */
import { isAt, quote } from './json-tokens.ts';
import { cells, readRow, spanCount } from './row-layout.ts';
import { isFinalStatus, statuses, statusOf, type ViberMessageStatus } from './status.ts';
import { parseTimestamp } from './timestamp.ts';

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

const statusTokens = statuses.map((status) => Buffer.from(JSON.stringify(status)));
/** As D7 documents them, in the order of `statuses`. */
const rawStatusTokens = ['delivered', 'sent', 'undelivered'].map((status) => Buffer.from(JSON.stringify(status)));
const nullToken = Buffer.from('null');

/** One for all rows: each is done with before the next one is read, and a list like this costs more to make than a row to read. */
const spansOfRow = new Int32Array(spanCount);

export class Row {
  readonly bytes: Buffer;
  /** A start of 0 is that of no value: something stands before each. */
  readonly spans = spansOfRow;
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
    return readRow(this.bytes, at, this.spans);
  }

  msgId(): string {
    return stringAt(this.bytes, this.spans, cells.msgId);
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
      msgId: this.msgId(),
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
    return start !== 0 && this.bytes[start] === quote;
  }

  #readTime(): Date | null {
    const text = this.#has(cells.scheduleTime) ? textAt(this.bytes, this.spans, cells.scheduleTime) : '';
    if (text !== this.#timeText) {
      this.#timeText = text;
      this.#time = text === '' ? null : parseTimestamp(JSON.parse(text));
      this.#timeToken = this.#time === null ? nullToken : Buffer.from(JSON.stringify(this.#time));
    }
    return this.#time;
  }
}

function statusIndex(bytes: Buffer, spans: Int32Array): number {
  const start = spans[cells.rawStatus] as number;
  const length = (spans[cells.rawStatus + 1] as number) - start;
  for (let status = 0; status < rawStatusTokens.length; status += 1) {
    const token = rawStatusTokens[status] as Buffer;
    if (token.length === length && isAt(bytes, start, token)) return status;
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
