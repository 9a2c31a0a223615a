/**
 * One message of a log in D7's JSON: where in the bytes each of its values stands. D7's names (snake_case) go no further than
 * this file and the decoder.
 *
 * A row is plain when each value stands there once and goes out as it came in, but for the status and the time. What is not
 * plain is left to the decoder, which says what is wrong with it, or writes it plainly.
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

export type Column = keyof ViberMessage;

/** Where a value stands as JSON. */
export type Span = { bytes: Uint8Array; start: number; end: number };

/** Where in `#spans` a value has its start; its end is next to it. */
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

const names = {
  msgId: Buffer.from('msg_id'),
  country: Buffer.from('country'),
  recipient: Buffer.from('recipient'),
  rawStatus: Buffer.from('status'),
  numberOfViberMessage: Buffer.from('number_of_viber_message'),
  /** So D7's parameter table calls the same thing. */
  numberOfSms: Buffer.from('number_of_sms'),
  viberCost: Buffer.from('viber_cost'),
  scheduleTime: Buffer.from('schedule_time'),
};

const statusTokens = statuses.map((status) => Buffer.from(JSON.stringify(status)));
/** As D7 documents them, in the order of `statuses`. */
const rawStatusTokens = ['delivered', 'sent', 'undelivered'].map((status) => Buffer.from(JSON.stringify(status)));
const nullToken = Buffer.from('null');

export class Row {
  readonly #bytes: Buffer;
  readonly #requestId: string;
  readonly #requestIdToken: Buffer;
  /** A start of 0 is that of no value: something stands before each. */
  readonly #spans = new Int32Array(spanCount);
  /** The messages of one request are scheduled for one time, mostly: it is read once. */
  #timeText = '';
  #time: Date | null = null;
  #timeToken = nullToken;

  constructor(bytes: Buffer, requestId: string) {
    this.#bytes = bytes;
    this.#requestId = requestId;
    this.#requestIdToken = Buffer.from(JSON.stringify(requestId));
  }

  /** Reads the row that begins at `at`, spaces aside. Answers where it ends, or `notPlain`. */
  read(at: number): number {
    const bytes = this.#bytes;
    this.#spans.fill(0);
    let i = json.skipSpace(bytes, at);
    if (bytes[i] !== json.openObject) return json.notPlain;
    do {
      i = this.#readField(json.skipSpace(bytes, i + 1));
      if (i === json.notPlain) return i;
      i = json.skipSpace(bytes, i);
    } while (bytes[i] === json.comma);
    return bytes[i] === json.closeObject && this.#isWhole() ? i + 1 : json.notPlain;
  }

  isFinal(): boolean {
    return isFinalStatus(statuses[this.#status()] as ViberMessageStatus);
  }

  /** Whether it is scheduled for a time that is none. */
  hasOddTime(): boolean {
    return this.#has(cells.scheduleTime) && this.#readTime() === null;
  }

  /** @param into is told where the value stands: in D7's bytes, or where it is spelt otherwise in ours. */
  span(column: Column, into: Span): void {
    switch (column) {
      case 'requestId':
        return tell(into, this.#requestIdToken);
      case 'status':
        return tell(into, statusTokens[this.#status()] as Buffer);
      case 'scheduleTime':
        this.#readTime();
        return tell(into, this.#timeToken);
      default:
        return this.#tellCell(into, cells[column]);
    }
  }

  decoded(): ViberMessage {
    return {
      requestId: this.#requestId,
      msgId: this.#string(cells.msgId),
      country: this.#has(cells.country) ? this.#string(cells.country) : null,
      recipient: this.#string(cells.recipient),
      status: statuses[this.#status()] as ViberMessageStatus,
      rawStatus: this.#string(cells.rawStatus),
      numberOfViberMessage: Number(this.#text(cells.numberOfViberMessage)),
      viberCost: Number(this.#text(cells.viberCost)),
      scheduleTime: this.#readTime(),
    };
  }

  #readField(at: number): number {
    const bytes = this.#bytes;
    const nameEnd = json.endOfName(bytes, at);
    if (nameEnd === json.notPlain) return json.notPlain;
    const colonAt = json.skipSpace(bytes, nameEnd);
    if (bytes[colonAt] !== json.colon) return json.notPlain;
    const start = json.skipSpace(bytes, colonAt + 1);
    const end = json.endOfScalar(bytes, start);
    const cell = cellNamed(bytes, at + 1, nameEnd - 1);
    if (end === json.notPlain || cell === unknownCell) return end;
    // Of what stands there twice JSON.parse takes the last, and of the number's two names the decoder takes one.
    if (this.#spans[cell] !== 0 || !this.#fits(cell, start, end)) return json.notPlain;
    this.#spans[cell] = start;
    this.#spans[cell + 1] = end;
    return end;
  }

  #fits(cell: number, start: number, end: number): boolean {
    const first = this.#bytes[start] as number;
    if (cell === cells.numberOfViberMessage) return json.isCount(this.#bytes, start, end);
    if (cell === cells.viberCost) return json.beginsNumber(first);
    if (first === json.quote) return true;
    return (cell === cells.country || cell === cells.scheduleTime) && json.isAt(this.#bytes, start, nullToken);
  }

  #isWhole(): boolean {
    const spans = this.#spans;
    return (
      spans[cells.msgId] !== 0 &&
      spans[cells.recipient] !== 0 &&
      spans[cells.rawStatus] !== 0 &&
      spans[cells.numberOfViberMessage] !== 0 &&
      spans[cells.viberCost] !== 0
    );
  }

  /** Whether there is a text, and not null or nothing. */
  #has(cell: number): boolean {
    const start = this.#spans[cell] as number;
    return start !== 0 && this.#bytes[start] === json.quote;
  }

  #status(): number {
    const start = this.#spans[cells.rawStatus] as number;
    const length = (this.#spans[cells.rawStatus + 1] as number) - start;
    for (let status = 0; status < rawStatusTokens.length; status += 1) {
      const token = rawStatusTokens[status] as Buffer;
      if (token.length === length && json.isAt(this.#bytes, start, token)) return status;
    }
    return statuses.indexOf(statusOf(this.#string(cells.rawStatus)));
  }

  #readTime(): Date | null {
    const text = this.#has(cells.scheduleTime) ? this.#text(cells.scheduleTime) : '';
    if (text !== this.#timeText) {
      this.#timeText = text;
      this.#time = text === '' ? null : parseTime(JSON.parse(text));
      this.#timeToken = this.#time === null ? nullToken : Buffer.from(JSON.stringify(this.#time));
    }
    return this.#time;
  }

  #tellCell(into: Span, cell: number): void {
    const start = this.#spans[cell] as number;
    if (start === 0) return tell(into, nullToken);
    into.bytes = this.#bytes;
    into.start = start;
    into.end = this.#spans[cell + 1] as number;
  }

  #text(cell: number): string {
    return this.#bytes.toString('utf8', this.#spans[cell], this.#spans[cell + 1]);
  }

  #string(cell: number): string {
    const text = this.#text(cell);
    return text.includes('\\') ? JSON.parse(text) : text.slice(1, -1);
  }
}

function tell(into: Span, token: Uint8Array): void {
  into.bytes = token;
  into.start = 0;
  into.end = token.length;
}

/** By its length first: few of the names are of one length. */
function cellNamed(bytes: Buffer, start: number, end: number): number {
  switch (end - start) {
    case names.msgId.length:
      if (json.isAt(bytes, start, names.msgId)) return cells.msgId;
      return json.isAt(bytes, start, names.rawStatus) ? cells.rawStatus : unknownCell;
    case names.country.length:
      return json.isAt(bytes, start, names.country) ? cells.country : unknownCell;
    case names.recipient.length:
      return json.isAt(bytes, start, names.recipient) ? cells.recipient : unknownCell;
    case names.viberCost.length:
      return json.isAt(bytes, start, names.viberCost) ? cells.viberCost : unknownCell;
    case names.scheduleTime.length:
      if (json.isAt(bytes, start, names.scheduleTime)) return cells.scheduleTime;
      return json.isAt(bytes, start, names.numberOfSms) ? cells.numberOfViberMessage : unknownCell;
    case names.numberOfViberMessage.length:
      return json.isAt(bytes, start, names.numberOfViberMessage) ? cells.numberOfViberMessage : unknownCell;
    default:
      return unknownCell;
  }
}
