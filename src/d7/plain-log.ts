/**
 * Reads a log that is written plainly, as D7 writes it: in one look over its bytes, and without an object for each message.
 */
import { isUtf8 } from 'node:buffer';
import * as json from './json-tokens.ts';
import { Row } from './message-row.ts';
import { MessageRows } from './message-rows.ts';

export type ViberLog = {
  requestId: string;
  totalRecipients: number;
  channel: string;
  messages: MessageRows;
};

/** Told the index of each message whose time is none. */
export type ReportOddTime = (index: number) => void;

type Fields = { request_id?: string; total_recipients?: number; channel?: string; messages?: MessageRows };

/**
 * Null for whatever is not plain, or is not the log asked for: the decoder then says what it is. JSON is UTF-8 (RFC 8259, section
 * 8.1); bytes that are not would go out as they came in.
 */
export function readPlainLog(body: Buffer, requestId: string, reportOddTime: ReportOddTime): ViberLog | null {
  if (!isUtf8(body)) return null;
  const fields: Fields = {};
  const end = readFields(body, requestId, fields, reportOddTime);
  if (end === json.notPlain || json.skipSpace(body, end) !== body.length) return null;
  const { request_id, total_recipients: totalRecipients, channel, messages } = fields;
  if (request_id !== requestId || totalRecipients === undefined || channel === undefined || !messages) return null;
  return { requestId, totalRecipients, channel, messages };
}

export function isSameLog(one: ViberLog, other: ViberLog): boolean {
  const { totalRecipients, channel, messages } = one;
  return (
    totalRecipients === other.totalRecipients && channel === other.channel && messages.areTheSameAs(other.messages)
  );
}

/** Every reader here answers where what it has read ends, or `notPlain`. */
function readFields(body: Buffer, requestId: string, fields: Fields, reportOddTime: ReportOddTime): number {
  let i = json.skipSpace(body, 0);
  if (body[i] !== json.openObject) return json.notPlain;
  do {
    const nameAt = json.skipSpace(body, i + 1);
    const nameEnd = json.endOfName(body, nameAt);
    const colonAt = nameEnd === json.notPlain ? nameEnd : json.skipSpace(body, nameEnd);
    if (body[colonAt] !== json.colon) return json.notPlain;
    const name = body.toString('utf8', nameAt + 1, nameEnd - 1);
    const valueAt = json.skipSpace(body, colonAt + 1);
    // Of a name that stands there twice JSON.parse takes the last.
    if (Object.hasOwn(fields, name)) return json.notPlain;
    i =
      name === 'messages'
        ? readMessages(body, valueAt, requestId, fields, reportOddTime)
        : readScalar(body, valueAt, name, fields);
    if (i === json.notPlain) return i;
    i = json.skipSpace(body, i);
  } while (body[i] === json.comma);
  return body[i] === json.closeObject ? i + 1 : json.notPlain;
}

function readScalar(body: Buffer, at: number, name: string, fields: Fields): number {
  const end = json.endOfScalar(body, at);
  if (end === json.notPlain) return end;
  switch (name) {
    case 'request_id':
    case 'channel':
      if (body[at] !== json.quote) return json.notPlain;
      fields[name] = JSON.parse(body.toString('utf8', at, end));
      return end;
    case 'total_recipients':
      if (!json.isCount(body, at, end)) return json.notPlain;
      fields[name] = Number(body.toString('latin1', at, end));
      return end;
    default:
      return end;
  }
}

function readMessages(
  body: Buffer,
  at: number,
  requestId: string,
  fields: Fields,
  reportOddTime: ReportOddTime,
): number {
  if (body[at] !== json.openList) return json.notPlain;
  const row = new Row(body, requestId);
  let count = 0;
  let areFinal = true;
  let i = json.skipSpace(body, at + 1);
  const isEmpty = body[i] === json.closeList;
  while (!isEmpty) {
    i = row.read(i);
    if (i === json.notPlain) return i;
    if (!row.isFinal()) areFinal = false;
    if (row.hasOddTime()) reportOddTime(count);
    count += 1;
    i = json.skipSpace(body, i);
    if (body[i] !== json.comma) break;
    i += 1;
  }
  if (body[i] !== json.closeList) return json.notPlain;
  fields.messages = new MessageRows(requestId, body.subarray(at, i + 1), { count, areFinal });
  return i + 1;
}
