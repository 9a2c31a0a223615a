/**
 * Reads a log that is written plainly, as D7 writes it: in one look over its bytes, and without an object for each message.
 */
import { isUtf8 } from 'node:buffer';
import * as json from './json-tokens.ts';
import { MessageList } from './message-list.ts';
import { Row } from './message-row.ts';

export type ViberLog = {
  requestId: string;
  totalRecipients: number;
  channel: string;
  messages: MessageList;
};

/** Called for each message whose time is none. */
export type ReportOddTime = () => void;

const names = {
  requestId: Buffer.from('"request_id"'),
  totalRecipients: Buffer.from('"total_recipients"'),
  channel: Buffer.from('"channel"'),
  messages: Buffer.from('"messages"'),
};

const usualChannel = 'viber';

/**
 * Null for whatever is not plain, or is not the log asked for: the decoder then says what it is. JSON is UTF-8 (RFC 8259, section
 * 8.1); bytes that are not would go out as they came in.
 */
export function scanViberLog(body: Buffer, requestId: string, reportOddTime: ReportOddTime): ViberLog | null {
  if (!isUtf8(body)) return null;
  const reader = new LogScanner(body, requestId, reportOddTime);
  const end = reader.read();
  return end !== json.notPlain && json.skipSpace(body, end) === body.length ? reader.log() : null;
}

export function isSameLog(one: ViberLog, other: ViberLog): boolean {
  const { totalRecipients, channel, messages } = one;
  return (
    totalRecipients === other.totalRecipients && channel === other.channel && messages.areTheSameAs(other.messages)
  );
}

/** Each of its methods that reads answers where what it has read ends, or `notPlain`. */
class LogScanner {
  readonly #body: Buffer;
  readonly #requestId: string;
  readonly #reportOddTime: ReportOddTime;
  #isTheOneAskedFor = false;
  #totalRecipients: number | undefined;
  #channel: string | undefined;
  #messages: MessageList | undefined;

  constructor(body: Buffer, requestId: string, reportOddTime: ReportOddTime) {
    this.#body = body;
    this.#requestId = requestId;
    this.#reportOddTime = reportOddTime;
  }

  read(): number {
    const body = this.#body;
    let i = json.skipSpace(body, 0);
    if (body[i] !== json.openObject) return json.notPlain;
    do {
      const nameAt = json.skipSpace(body, i + 1);
      const nameEnd = json.endOfName(body, nameAt);
      const at = json.startOfValue(body, nameEnd);
      if (at === json.notPlain) return at;
      i = this.#readField(nameAt, nameEnd, at);
      if (i === json.notPlain) return i;
      i = json.skipSpace(body, i);
    } while (body[i] === json.comma);
    return body[i] === json.closeObject ? i + 1 : json.notPlain;
  }

  log(): ViberLog | null {
    const [requestId, totalRecipients, channel, messages] = [
      this.#requestId,
      this.#totalRecipients,
      this.#channel,
      this.#messages,
    ];
    if (!this.#isTheOneAskedFor || totalRecipients === undefined || channel === undefined || !messages) return null;
    return { requestId, totalRecipients, channel, messages };
  }

  /** Of a name that stands there twice JSON.parse takes the last: that is not plain. */
  #readField(nameAt: number, nameEnd: number, at: number): number {
    const isNamed = (name: Buffer) => name.length === nameEnd - nameAt && json.isAt(this.#body, nameAt, name);
    if (isNamed(names.messages)) return this.#messages ? json.notPlain : this.#readMessages(at);
    const end = json.endOfScalar(this.#body, at);
    if (end === json.notPlain) return end;
    if (isNamed(names.requestId)) return this.#readRequestId(at, end);
    if (isNamed(names.totalRecipients)) return this.#readTotal(at, end);
    if (isNamed(names.channel)) return this.#readChannel(at, end);
    return end;
  }

  #readRequestId(at: number, end: number): number {
    if (this.#isTheOneAskedFor || !json.isPlainString(this.#body, at, end, this.#requestId)) return json.notPlain;
    this.#isTheOneAskedFor = true;
    return end;
  }

  #readTotal(at: number, end: number): number {
    if (this.#totalRecipients !== undefined || !json.isCount(this.#body, at, end)) return json.notPlain;
    this.#totalRecipients = json.countAt(this.#body, at, end);
    return end;
  }

  /** There is one channel so far: its name is not made anew for each log. */
  #readChannel(at: number, end: number): number {
    if (this.#channel !== undefined || this.#body[at] !== json.quote) return json.notPlain;
    const isUsual = json.isPlainString(this.#body, at, end, usualChannel);
    this.#channel = isUsual ? usualChannel : JSON.parse(this.#body.toString('utf8', at, end));
    return end;
  }

  #readMessages(start: number): number {
    const body = this.#body;
    if (body[start] !== json.openList) return json.notPlain;
    const row = new Row(body, this.#requestId);
    let count = 0;
    let areFinal = true;
    let i = json.skipSpace(body, start + 1);
    const isEmpty = body[i] === json.closeList;
    while (!isEmpty) {
      i = row.read(i);
      if (i === json.notPlain) return i;
      if (areFinal && !row.isFinal()) areFinal = false;
      if (row.hasOddTime()) this.#reportOddTime();
      count += 1;
      i = json.skipSpace(body, i);
      if (body[i] !== json.comma) break;
      i = json.skipSpace(body, i + 1);
    }
    if (body[i] !== json.closeList) return json.notPlain;
    this.#messages = new MessageList(this.#requestId, body, { start, end: i + 1, count, areFinal });
    return i + 1;
  }
}
