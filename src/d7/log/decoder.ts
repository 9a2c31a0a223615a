/**
 * D7's JSON in, our own types out. D7's names (snake_case) go no further than here and message-row.ts.
 *
 * Nothing is trusted: a field of the wrong type is a fault that names its path, and nothing of its value, since values hold
 * phone numbers. What the fields mean is told in schema/viber-log.graphql.
 *
 * What is written plainly is read by log-scanner.ts, and that is nearly everything. The rest is looked at here, field by field: it is
 * refused, or it is odd (a number as 4e-4, a field that stands there twice, another one that holds an object); then it is written
 * anew, plainly, so that there is one kind of log in the house and not two.
 */
import { isUtf8 } from 'node:buffer';
import { largestInt } from './json-tokens.ts';
import { type ReportOddTime, scanViberLog, type ViberLog } from './log-scanner.ts';
import { parseTimestamp } from './timestamp.ts';

export type NoSuchLog = { requestId: string; code: string; message: string };

/** Something that D7 should not have sent, but that costs no answer. */
export type SchemaDrift = {
  /** Of a field of the messages it has no index: `messages[].schedule_time`. */
  path: string;
  expected: string;
  /** How many of them the log has. */
  count: number;
};
/** Called once for each field, however many messages have it odd. */
export type ReportSchemaDrift = (oddity: SchemaDrift) => void;

export class DecodeFault extends Error {
  /** @param got the name of a type, never a value. */
  constructor(path: string, expected: string, got: string) {
    super(`${path}: expected ${expected}, got ${got}`);
    this.name = 'DecodeFault';
  }
}

/** @throws DecodeFault when the body is no delivery log, or the log of another request id. */
export function decodeViberLog(body: Buffer, requestId: string, report: ReportSchemaDrift): ViberLog {
  let oddTimes = 0;
  const countOddTime = () => {
    oddTimes += 1;
  };
  let log = scanViberLog(body, requestId, countOddTime);
  if (log === null) {
    oddTimes = 0;
    log = readWrittenPlainly(writtenPlainly(body, requestId, countOddTime), requestId);
  }
  if (oddTimes > 0) report(oddTime(oddTimes));
  return log;
}

/** D7's own statement that it has no such log, or null: then the 404 came from somewhere else. */
export function decodeNoSuchLog(body: Buffer, requestId: string): NoSuchLog | null {
  const answer = parseJson(body);
  const detail = isRecord(answer) ? answer.detail : undefined;
  if (!isRecord(detail) || typeof detail.code !== 'string' || detail.code === '') return null;
  return { requestId, code: detail.code, message: typeof detail.message === 'string' ? detail.message : detail.code };
}

function readWrittenPlainly(body: Buffer, requestId: string): ViberLog {
  const log = scanViberLog(body, requestId, () => {});
  if (log === null) throw new Error('A log that was written plainly cannot be read.');
  return log;
}

/** @throws DecodeFault */
function writtenPlainly(body: Buffer, requestId: string, reportOddTime: ReportOddTime): Buffer {
  const log = parseJson(body);
  if (!isRecord(log)) throw new DecodeFault('$', 'a JSON object', log === undefined ? 'no JSON' : nameOfType(log));
  if (text(log, 'request_id') !== requestId) {
    throw new DecodeFault('request_id', 'the id that was asked for', 'another id');
  }
  const plainly = {
    request_id: requestId,
    total_recipients: count(log, 'total_recipients'),
    channel: text(log, 'channel'),
    messages: list(log, 'messages').map((message, index) => plainMessage(message, index, reportOddTime)),
  };
  return Buffer.from(JSON.stringify(plainly));
}

/**
 * Undefined when it is no JSON. The parser's own message is dropped: it quotes the body. JSON is UTF-8 (RFC 8259, section
 * 8.1); bytes that are not would otherwise turn into question marks, and a lie into an answer.
 */
function parseJson(body: Buffer): unknown {
  if (!isUtf8(body)) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function plainMessage(message: unknown, index: number, reportOddTime: ReportOddTime) {
  if (!isRecord(message)) throw new DecodeFault(`messages[${index}]`, 'an object', nameOfType(message));
  return {
    msg_id: text(message, 'msg_id', index),
    country: optionalText(message, 'country', index),
    recipient: text(message, 'recipient', index),
    status: text(message, 'status', index),
    number_of_viber_message: count(message, nameOfParts(message), index),
    viber_cost: finiteNumber(message, 'viber_cost', index),
    schedule_time: scheduleTime(message, 'schedule_time', index, reportOddTime),
  };
}

/** D7's example and its parameter table have two names for one thing. */
function nameOfParts(message: JsonObject): string {
  return message.number_of_viber_message == null && message.number_of_sms != null
    ? 'number_of_sms'
    : 'number_of_viber_message';
}

/** A time that cannot be read takes no log away: the operator is told, the caller gets null. */
function scheduleTime(from: JsonObject, key: string, index: number, reportOddTime: ReportOddTime): Date | null {
  const written = optionalText(from, key, index);
  if (written === null) return null;
  const time = parseTimestamp(written);
  if (time === null) reportOddTime();
  return time;
}

function oddTime(count: number): SchemaDrift {
  return {
    path: 'messages[].schedule_time',
    expected: 'a time with an offset, such as 2024-02-05T09:48:42+0000',
    count,
  };
}

// The readers of one field. They are given the object and the key, not the value, so that a path is only put together
// when there is a fault to tell: a large log has seventy thousand fields.

type JsonObject = Record<string, unknown>;

/** A number that GraphQL's Int cannot hold would break the whole answer, so it is a fault here. */
function count(from: JsonObject, key: string, index?: number): number {
  const value = from[key];
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= largestInt) return value;
  throw new DecodeFault(pathOf(key, index), `a whole number from 0 to ${largestInt}`, nameOfType(value));
}

function finiteNumber(from: JsonObject, key: string, index?: number): number {
  const value = from[key];
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new DecodeFault(pathOf(key, index), 'a finite number', nameOfType(value));
}

function text(from: JsonObject, key: string, index?: number): string {
  const value = from[key];
  if (typeof value === 'string') return value;
  throw new DecodeFault(pathOf(key, index), 'a string', nameOfType(value));
}

function optionalText(from: JsonObject, key: string, index?: number): string | null {
  return from[key] == null ? null : text(from, key, index);
}

function list(from: JsonObject, key: string, index?: number): unknown[] {
  const value = from[key];
  if (Array.isArray(value)) return value;
  throw new DecodeFault(pathOf(key, index), 'a list', nameOfType(value));
}

function isRecord(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function pathOf(key: string, index: number | undefined): string {
  return index === undefined ? key : `messages[${index}].${key}`;
}

function nameOfType(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'object':
      return 'an object';
    case 'number':
      return 'another number';
    default:
      return `a ${typeof value}`;
  }
}
