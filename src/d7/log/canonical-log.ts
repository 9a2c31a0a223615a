/**
 * The slow path of the decoder: checks every field of a log that is valid JSON but not canonical, and writes the log again as
 * canonical JSON. So log-scanner.ts is the only reader of a log, and the rest of the gateway has one representation of it.
 *
 * A value of another type is accepted where only one value of the field's own type can be meant, and is null otherwise. Both are counted.
 */
import { DecodeFault } from './decode-fault.ts';
import { type DriftCounts, expected } from './drift-counts.ts';
import { type Field, type FieldKind, logFields, messageFields, messagesName } from './fields.ts';
import { isSameInAnyCase, largestInt } from './json-tokens.ts';
import { IntegerDigits, isJsonObject, type JsonObject, parseJson, parseWithDigits, typeNameOf } from './parsed-json.ts';
import { parseTimestamp } from './timestamp.ts';

const fieldsOfLog = Object.values(logFields);
const fieldsOfMessage = Object.values(messageFields);
const namesOfIntegers = new Set(fieldsOfMessage.flatMap(({ name, acceptsInteger }) => (acceptsInteger ? [name] : [])));
/** A copy of it has all its properties from the start, which costs less than to add them one by one. */
const emptyMessage: Readonly<JsonObject> = Object.fromEntries(fieldsOfMessage.map(({ name }) => [name, null]));

/** @throws DecodeFault where the body is not the log of this request id. */
export function canonicalLogOf(body: Buffer, requestId: string, drift: DriftCounts): Buffer {
  const log = parseJson(body);
  if (!isJsonObject(log)) throw new DecodeFault('$', 'a JSON object', log === undefined ? 'no JSON' : typeNameOf(log));
  expectRequestId(log, requestId);

  const canonical: JsonObject = {};
  for (const field of fieldsOfLog) canonical[field.name] = canonicalValueOf(log, field, drift);
  canonical[logFields.requestId.name] = requestId;
  canonical[messagesName] = messagesOf(log, body).map((message, index) => canonicalMessageOf(message, index, drift));
  return Buffer.from(JSON.stringify(canonical));
}

function expectRequestId(log: JsonObject, requestId: string): void {
  const { name, kind } = logFields.requestId;
  const id = log[name];
  if (typeof id !== 'string') throw new DecodeFault(name, expected[kind], typeNameOf(id));
  if (!isSameInAnyCase(id, requestId)) throw new DecodeFault(name, 'the requested id', 'another id');
}

/** A body with an integer that JavaScript rounds is parsed again, with the digits of its integers, which takes several times as long. */
function messagesOf(log: JsonObject, body: Buffer): unknown[] {
  const messages = log[messagesName];
  if (!Array.isArray(messages)) throw new DecodeFault(messagesName, 'a list', typeNameOf(messages));
  if (!messages.some(hasRoundedInteger)) return messages;
  return (parseWithDigits(body, namesOfIntegers) as JsonObject)[messagesName] as unknown[];
}

function hasRoundedInteger(message: unknown): boolean {
  if (!isJsonObject(message)) return false;
  for (const name of namesOfIntegers) {
    const value = message[name];
    if (typeof value === 'number' && !Number.isSafeInteger(value)) return true;
  }
  return false;
}

function canonicalMessageOf(message: unknown, index: number, drift: DriftCounts): JsonObject {
  if (!isJsonObject(message)) throw new DecodeFault(pathOfMessage(index), 'an object', typeNameOf(message));
  const canonical: JsonObject = { ...emptyMessage };
  for (const field of fieldsOfMessage) canonical[field.name] = canonicalValueOf(message, field, drift, index);
  return canonical;
}

/** @throws DecodeFault. Only then is there a path: a large log has seventy thousand fields, and each path is a new string. */
function canonicalValueOf(from: JsonObject, field: Field, drift: DriftCounts, index?: number): unknown {
  const value = valueIn(from, field);
  if (isOfKind(value, field.kind)) return value;
  if (value == null && field.absence === 'normal') return null;
  const meant = meantBy(value, field);
  if (meant === null && field.absence === 'fault') {
    throw new DecodeFault(pathOf(field.name, index), expected[field.kind], typeNameOf(value));
  }
  drift.add(field);
  return meant;
}

function valueIn(from: JsonObject, { name, otherNames }: Field): unknown {
  const value = from[name];
  if (value != null || otherNames === undefined) return value;
  const other = otherNames.find((one) => from[one] != null);
  return other === undefined ? value : from[other];
}

function isOfKind(value: unknown, kind: FieldKind): boolean {
  switch (kind) {
    case 'count':
      return isCount(value);
    case 'decimal':
      return Number.isFinite(value);
    case 'text':
    case 'status':
      return typeof value === 'string';
    case 'time':
      return typeof value === 'string' && parseTimestamp(value) !== null;
  }
}

/** The value of the field's kind that a value of another type can only mean, or null. */
function meantBy(value: unknown, { kind, acceptsInteger }: Field): unknown {
  switch (kind) {
    case 'count':
      return typeof value === 'string' && countPattern.test(value) ? orNull(Number(value), isCount) : null;
    case 'decimal':
      return typeof value === 'string' && decimalPattern.test(value) ? orNull(Number(value), Number.isFinite) : null;
    case 'text':
      return acceptsInteger ? digitsOf(value) : null;
    case 'status':
    case 'time':
      return null;
  }
}

/** As JSON writes them (RFC 8259, section 6), without an exponent. */
const countPattern = /^(?:0|[1-9]\d*)$/;
const decimalPattern = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

function orNull(value: number, isValid: (value: number) => boolean): number | null {
  return isValid(value) ? value : null;
}

function digitsOf(value: unknown): string | null {
  if (value instanceof IntegerDigits) return value.digits;
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? String(value) : null;
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= largestInt;
}

function pathOf(name: string, index: number | undefined): string {
  return index === undefined ? name : `${pathOfMessage(index)}.${name}`;
}

function pathOfMessage(index: number): string {
  return `${messagesName}[${index}]`;
}
