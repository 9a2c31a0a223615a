/**
 * Reads a log that is canonical JSON, as D7 writes it: in one pass over its bytes, and without an object for each message.
 */
import { isUtf8 } from 'node:buffer';
import type { DriftCounts } from './drift-counts.ts';
import { type DecodedLog, type Field, logFields, messagesName } from './fields.ts';
import * as json from './json-tokens.ts';
import type { Layout } from './layout.ts';
import { MessageList } from './message-list.ts';
import { Row } from './message-row.ts';
import { layoutOfLastRow } from './row-layout.ts';
import { viewOf } from './words.ts';

export type ViberLog = DecodedLog & { messages: MessageList };

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
export function scanViberLog(body: Buffer, requestId: string, drift: DriftCounts): ViberLog | null {
  if (!isUtf8(body)) return null;
  const scanner = new LogScanner(body, requestId, drift);
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
  readonly #view: DataView;
  readonly #requestId: string;
  readonly #drift: DriftCounts;
  #hasRequestedId = false;
  #totalRecipients: number | null | undefined;
  #channel: string | null | undefined;
  #messages: MessageList | undefined;

  constructor(body: Buffer, requestId: string, drift: DriftCounts) {
    this.#body = body;
    this.#view = viewOf(body);
    this.#requestId = requestId;
    this.#drift = drift;
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
    const totalRecipients = this.#totalRecipients;
    const channel = this.#channel;
    const messages = this.#messages;
    if (!this.#hasRequestedId || totalRecipients === undefined || channel === undefined || !messages) return null;
    return { requestId: this.#requestId, totalRecipients, channel, messages };
  }

  /** A name that occurs twice is not canonical: JSON.parse takes the last value. */
  #readField(nameAt: number, nameEnd: number, at: number): number {
    const isNamed = (name: Buffer) => name.length === nameEnd - nameAt && json.isAt(this.#body, nameAt, name);
    if (isNamed(nameTokens.messages)) return this.#messages ? json.notCanonical : this.#readMessages(at);
    const end = json.endOfScalar(this.#body, this.#view, at);
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
    if (this.#totalRecipients !== undefined) return json.notCanonical;
    if (json.isNull(this.#body, at)) this.#totalRecipients = this.#nullFor(logFields.totalRecipients);
    else if (json.isCount(this.#body, at, end)) this.#totalRecipients = json.countAt(this.#body, at, end);
    else return json.notCanonical;
    return end;
  }

  /** The usual channel needs no new string for each log. */
  #readChannel(at: number, end: number): number {
    if (this.#channel !== undefined) return json.notCanonical;
    if (json.isNull(this.#body, at)) this.#channel = this.#nullFor(logFields.channel);
    else if (json.isString(this.#body, at, end, usualChannel)) this.#channel = usualChannel;
    else if (this.#body[at] === json.quote) this.#channel = JSON.parse(this.#body.toString('utf8', at, end));
    else return json.notCanonical;
    return end;
  }

  #nullFor(field: Field): null {
    this.#drift.add(field);
    return null;
  }

  #readMessages(start: number): number {
    const body = this.#body;
    if (body[start] !== json.openList) return json.notCanonical;
    const row = new Row(body, this.#requestId, this.#view);
    let count = 0;
    let areFinal = true;
    let layout: Layout | null = null;
    let i = json.skipSpace(body, start + 1);
    const isEmpty = body[i] === json.closeList;
    while (!isEmpty) {
      i = row.read(i);
      if (i === json.notCanonical) return i;
      if (areFinal && !row.isFinal()) areFinal = false;
      if (count === 0) layout = layoutOfLastRow();
      else if (layout !== layoutOfLastRow()) layout = null;
      row.countDrift(this.#drift);
      count += 1;
      i = json.skipSpace(body, i);
      if (body[i] !== json.comma) break;
      i = json.skipSpace(body, i + 1);
    }
    if (body[i] !== json.closeList) return json.notCanonical;
    const place = { start, end: i + 1, count, areFinal, layout };
    this.#messages = new MessageList(this.#requestId, body, place, this.#view);
    return i + 1;
  }
}

function nameTokenOf(name: string): Buffer {
  return Buffer.from(JSON.stringify(name));
}
