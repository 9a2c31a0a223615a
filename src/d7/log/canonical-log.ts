/**
 * The slow path of the decoder: checks every field of a log that is valid JSON but not canonical, and writes the log again as
 * canonical JSON. So log-scanner.ts is the only reader of a log, and the rest of the gateway has one representation of it.
 */
import { DecodeFault } from './decode-fault.ts';
import { type Field, type FieldKind, logFields, messageFields, messagesName } from './fields.ts';
import { isSameInAnyCase, largestInt } from './json-tokens.ts';
import type { ReportUnreadableTime } from './log-scanner.ts';
import { isJsonObject, type JsonObject, parseJson, typeNameOf } from './parsed-json.ts';
import { parseTimestamp } from './timestamp.ts';

const fieldsOfLog = Object.values(logFields);
const fieldsOfMessage = Object.values(messageFields);
/** A copy of it has all its properties from the start, which costs less than to add them one by one. */
const emptyMessage: Readonly<JsonObject> = Object.fromEntries(fieldsOfMessage.map(({ name }) => [name, null]));

/** @throws DecodeFault where the body is not the log of this request id. */
export function canonicalLogOf(body: Buffer, requestId: string, reportUnreadableTime: ReportUnreadableTime): Buffer {
  const log = parseJson(body);
  if (!isJsonObject(log)) throw new DecodeFault('$', 'a JSON object', log === undefined ? 'no JSON' : typeNameOf(log));
  const { name } = logFields.requestId;
  const id = scalarOf(log, logFields.requestId) as string;
  if (!isSameInAnyCase(id, requestId)) throw new DecodeFault(name, 'the requested id', 'another id');

  const canonical: JsonObject = {};
  for (const field of fieldsOfLog) canonical[field.name] = scalarOf(log, field);
  canonical[messagesName] = messagesOf(log).map((message, index) =>
    canonicalMessageOf(message, index, reportUnreadableTime),
  );
  return Buffer.from(JSON.stringify(canonical));
}

function messagesOf(log: JsonObject): unknown[] {
  const messages = log[messagesName];
  if (!Array.isArray(messages)) throw new DecodeFault(messagesName, 'a list', typeNameOf(messages));
  return messages;
}

function canonicalMessageOf(message: unknown, index: number, reportUnreadableTime: ReportUnreadableTime): JsonObject {
  if (!isJsonObject(message)) throw new DecodeFault(pathOfMessage(index), 'an object', typeNameOf(message));
  const canonical: JsonObject = { ...emptyMessage };
  for (const field of fieldsOfMessage) {
    const value = scalarOf(message, field, index);
    canonical[field.name] = field.kind === 'time' ? timeOf(value, reportUnreadableTime) : value;
  }
  return canonical;
}

/** An unreadable time does not fail the log: the field is null, and the operator's log has an entry. */
function timeOf(value: unknown, reportUnreadableTime: ReportUnreadableTime): Date | null {
  if (value === null) return null;
  const time = parseTimestamp(value as string);
  if (time === null) reportUnreadableTime();
  return time;
}

const expected: Record<FieldKind, string> = {
  text: 'a string',
  count: `a whole number from 0 to ${largestInt}`,
  decimal: 'a finite number',
  status: 'a string',
  time: 'a string',
};

function isOfKind(value: unknown, kind: FieldKind): boolean {
  switch (kind) {
    case 'count':
      return isCount(value);
    case 'decimal':
      return Number.isFinite(value);
    case 'text':
    case 'status':
    case 'time':
      return typeof value === 'string';
  }
}

/** @throws DecodeFault. Only then is there a path: a large log has seventy thousand fields, and each path is a new string. */
function scalarOf(from: JsonObject, field: Field, index?: number): unknown {
  const name = nameIn(from, field);
  const value = from[name];
  if (value == null && !field.isRequired) return null;
  if (!isOfKind(value, field.kind)) throw new DecodeFault(pathOf(name, index), expected[field.kind], typeNameOf(value));
  return value;
}

function nameIn(from: JsonObject, { name, otherNames }: Field): string {
  if (otherNames === undefined || from[name] != null) return name;
  return otherNames.find((other) => from[other] != null) ?? name;
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
