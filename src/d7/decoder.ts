/**
 * D7's JSON in, our own types out, field by field. D7's names (snake_case) go no further than this file.
 *
 * Nothing is trusted: a field of the wrong type is a fault that names its path, and nothing of its value, since values hold
 * phone numbers. What the fields mean is told in schema/viber-log.graphql.
 */
import { isUtf8 } from 'node:buffer';
import { parseTime } from './time.ts';

export type ViberLog = ReturnType<typeof decodeViberLog>;
export type NoSuchLog = { code: string; message: string };

/** Something that D7 should not have sent, but that costs no answer. */
type Oddity = { path: string; expected: string };
export type ReportOddity = (oddity: Oddity) => void;

export class DecodeFault extends Error {
  /** @param got the name of a type, never a value. */
  constructor(path: string, expected: string, got: string) {
    super(`${path}: expected ${expected}, got ${got}`);
    this.name = 'DecodeFault';
  }
}

/** @throws DecodeFault when the body is no delivery log, or the log of another request id. */
export function decodeViberLog(body: Buffer, requestId: string, report: ReportOddity) {
  const log = parseJson(body);
  if (!isRecord(log)) throw new DecodeFault('$', 'a JSON object', log === undefined ? 'no JSON' : nameOfType(log));
  if (text(log, 'request_id') !== requestId) {
    throw new DecodeFault('request_id', 'the id that was asked for', 'another id');
  }
  return {
    requestId,
    totalRecipients: count(log, 'total_recipients'),
    channel: text(log, 'channel'),
    messages: list(log, 'messages').map((message, index) => decodeMessage(message, requestId, index, report)),
  };
}

/** D7's own statement that it has no such log, or null: then the 404 came from somewhere else. */
export function decodeNoSuchLog(body: Buffer): NoSuchLog | null {
  const answer = parseJson(body);
  const detail = isRecord(answer) ? answer.detail : undefined;
  if (!isRecord(detail) || typeof detail.code !== 'string' || detail.code === '') return null;
  return { code: detail.code, message: typeof detail.message === 'string' ? detail.message : detail.code };
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

function decodeMessage(message: unknown, requestId: string, index: number, report: ReportOddity) {
  if (!isRecord(message)) throw new DecodeFault(`messages[${index}]`, 'an object', nameOfType(message));
  const rawStatus = text(message, 'status', index);
  return {
    requestId,
    msgId: text(message, 'msg_id', index),
    country: optionalText(message, 'country', index),
    recipient: text(message, 'recipient', index),
    status: statusOf(rawStatus),
    rawStatus,
    numberOfViberMessage: count(message, nameOfParts(message), index),
    viberCost: finiteNumber(message, 'viber_cost', index),
    scheduleTime: scheduleTime(message, 'schedule_time', index, report),
  };
}

/** D7 documents the three in lower case; `un_delivered`, `Un-Delivered` and `UNDELIVERED` are taken for the same word. */
function statusOf(rawStatus: string) {
  switch (rawStatus.toLowerCase().replaceAll(/[_-]/g, '')) {
    case 'delivered':
      return 'DELIVERED' as const;
    case 'sent':
      return 'SENT' as const;
    case 'undelivered':
      return 'UNDELIVERED' as const;
    default:
      return 'UNKNOWN' as const;
  }
}

/** D7's example and its parameter table have two names for one thing. */
function nameOfParts(message: JsonObject): string {
  return message.number_of_viber_message == null && message.number_of_sms != null
    ? 'number_of_sms'
    : 'number_of_viber_message';
}

/** A time that cannot be read takes no log away: the operator is told, the caller gets null. */
function scheduleTime(from: JsonObject, key: string, index: number, report: ReportOddity): Date | null {
  const written = optionalText(from, key, index);
  if (written === null) return null;
  const time = parseTime(written);
  if (time === null)
    report({ path: pathOf(key, index), expected: 'a time with an offset, such as 2024-02-05T09:48:42+0000' });
  return time;
}

// The readers of one field. They are given the object and the key, not the value, so that a path is only put together
// when there is a fault to tell: a large log has seventy thousand fields.

type JsonObject = Record<string, unknown>;

/** GraphQL's Int has 32 bits: a larger number would break the whole answer, so it is a fault here. */
const largestInt = 2 ** 31 - 1;

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
