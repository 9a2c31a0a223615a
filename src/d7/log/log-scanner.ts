/**
 * Reads a log that is canonical JSON, as D7 writes it: in one pass over its bytes, and without an object for each message.
 */
import { isUtf8 } from 'node:buffer';
import { type DecodedLog, logFields, messagesName } from './fields.ts';
import * as json from './json-tokens.ts';
import { MessageList } from './message-list.ts';
import { Row } from './message-row.ts';

export type ViberLog = DecodedLog & { messages: MessageList };

/** Called for each message whose time is unreadable. */
export type ReportUnreadableTime = () => void;

const nameTokens = {
  requestId: nameTokenOf(logFields.requestId.name),
  totalRecipients: nameTokenOf(logFields.totalRecipients.name),
  channel: nameTokenOf(logFields.channel.name),
  messages: nameTokenOf(messagesName),
} satisfies Record<keyof ViberLog, Buffer>;

const usualChannel = 'viber';

/**
 * Null where the body is not canonical, or not the requested log: the decoder then finds out why. JSON is UTF-8 (RFC 8259, section
 * 8.1). Other bytes would go out as they came in.
 */
export function scanViberLog(
  body: Buffer,
  requestId: string,
  reportUnreadableTime: ReportUnreadableTime,
): ViberLog | null {
  if (!isUtf8(body)) return null;
  const scanner = new LogScanner(body, requestId, reportUnreadableTime);
  const end = scanner.read();
  return end !== json.notCanonical && json.skipSpace(body, end) === body.length ? scanner.log() : null;
}

export function isSameLog(one: ViberLog, other: ViberLog): boolean {
  const { totalRecipients, channel, messages } = one;
  return totalRecipients === other.totalRecipients && channel === other.channel && messages.equals(other.messages);
}

/** Each method that reads returns where the value ends, or `notCanonical`. */
class LogScanner {
  readonly #body: Buffer;
  readonly #requestId: string;
  readonly #reportUnreadableTime: ReportUnreadableTime;
  #hasRequestedId = false;
  #totalRecipients: number | undefined;
  #channel: string | undefined;
  #messages: MessageList | undefined;

  constructor(body: Buffer, requestId: string, reportUnreadableTime: ReportUnreadableTime) {
    this.#body = body;
    this.#requestId = requestId;
    this.#reportUnreadableTime = reportUnreadableTime;
  }

  read(): number {
    const body = this.#body;
    let i = json.skipSpace(body, 0);
    if (body[i] !== json.openObject) return json.notCanonical;
    do {
      const nameAt = json.skipSpace(body, i + 1);
      const nameEnd = json.endOfName(body, nameAt);
      const at = json.startOfValue(body, nameEnd);
      if (at === json.notCanonical) return at;
      i = this.#readField(nameAt, nameEnd, at);
      if (i === json.notCanonical) return i;
      i = json.skipSpace(body, i);
    } while (body[i] === json.comma);
    return body[i] === json.closeObject ? i + 1 : json.notCanonical;
  }

  log(): ViberLog | null {
    const [requestId, totalRecipients, channel, messages] = [
      this.#requestId,
      this.#totalRecipients,
      this.#channel,
      this.#messages,
    ];
    if (!this.#hasRequestedId || totalRecipients === undefined || channel === undefined || !messages) return null;
    return { requestId, totalRecipients, channel, messages };
  }

  /** A name that occurs twice is not canonical: JSON.parse takes the last value. */
  #readField(nameAt: number, nameEnd: number, at: number): number {
    const isNamed = (name: Buffer) => name.length === nameEnd - nameAt && json.isAt(this.#body, nameAt, name);
    if (isNamed(nameTokens.messages)) return this.#messages ? json.notCanonical : this.#readMessages(at);
    const end = json.endOfScalar(this.#body, at);
    if (end === json.notCanonical) return end;
    if (isNamed(nameTokens.requestId)) return this.#readRequestId(at, end);
    if (isNamed(nameTokens.totalRecipients)) return this.#readTotal(at, end);
    if (isNamed(nameTokens.channel)) return this.#readChannel(at, end);
    return end;
  }

  /** UUIDs are compared without regard to case (RFC 9562, section 4). The log has the id as it was requested. */
  #readRequestId(at: number, end: number): number {
    if (this.#hasRequestedId || !json.isStringInAnyCase(this.#body, at, end, this.#requestId)) return json.notCanonical;
    this.#hasRequestedId = true;
    return end;
  }

  #readTotal(at: number, end: number): number {
    if (this.#totalRecipients !== undefined || !json.isCount(this.#body, at, end)) return json.notCanonical;
    this.#totalRecipients = json.countAt(this.#body, at, end);
    return end;
  }

  /** The usual channel needs no new string for each log. */
  #readChannel(at: number, end: number): number {
    if (this.#channel !== undefined || this.#body[at] !== json.quote) return json.notCanonical;
    const isUsual = json.isString(this.#body, at, end, usualChannel);
    this.#channel = isUsual ? usualChannel : JSON.parse(this.#body.toString('utf8', at, end));
    return end;
  }

  #readMessages(start: number): number {
    const body = this.#body;
    if (body[start] !== json.openList) return json.notCanonical;
    const row = new Row(body, this.#requestId);
    let count = 0;
    let areFinal = true;
    let i = json.skipSpace(body, start + 1);
    const isEmpty = body[i] === json.closeList;
    while (!isEmpty) {
      i = row.read(i);
      if (i === json.notCanonical) return i;
      if (areFinal && !row.isFinal()) areFinal = false;
      if (row.hasUnreadableTime()) this.#reportUnreadableTime();
      count += 1;
      i = json.skipSpace(body, i);
      if (body[i] !== json.comma) break;
      i = json.skipSpace(body, i + 1);
    }
    if (body[i] !== json.closeList) return json.notCanonical;
    this.#messages = new MessageList(this.#requestId, body, { start, end: i + 1, count, areFinal });
    return i + 1;
  }
}

function nameTokenOf(name: string): Buffer {
  return Buffer.from(JSON.stringify(name));
}
