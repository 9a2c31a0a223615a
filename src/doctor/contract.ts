/**
 * A log held against the contract: one row for each field of the tables in d7/log/fields.ts, and notes on what the gateway accepts although
 * D7 does not document it. Rows and notes have no value of the log.
 */
import { expected, pathOf, type SchemaDrift } from '../d7/log/drift-counts.ts';
import { type Field, logFields, type MessageKey, messageFields, messagesName } from '../d7/log/fields.ts';
import type { ViberLog } from '../d7/log/log-scanner.ts';
import { isJsonObject, type JsonObject, parseJson, withoutByteOrderMark } from '../d7/log/parsed-json.ts';

export type FieldRow = {
  path: string;
  /** `absent`: no value, which the contract allows. `unseen`: the log has no message that could have one. */
  state: 'ok' | 'drift' | 'absent' | 'unseen';
  expected: string;
  /** How many values there could be. */
  total: number;
  /** How many of them are not as expected, or missing. */
  deviating: number;
};

const documentedStatuses = 'delivered, sent or undelivered';

export function fieldRowsOf(log: ViberLog, drifts: readonly SchemaDrift[]): FieldRow[] {
  const counts = new Map(drifts.map(({ path, count }) => [path, count]));
  const { values, unknownStatuses } = countsIn(log);
  const { count: total } = log.messages;

  const ofLog = Object.entries(logFields).map(([key, field]) =>
    rowOf(field, 1, log[key as keyof typeof logFields] === null ? 0 : 1, counts.get(pathOf(field)) ?? 0),
  );
  const ofMessages = Object.entries(messageFields).map(([key, field]) => {
    const row = rowOf(field, total, values[key as MessageKey], counts.get(pathOf(field)) ?? 0);
    return field.kind === 'status' ? withUnknownStatuses(row, unknownStatuses) : row;
  });
  return [...ofLog, ...ofMessages];
}

function rowOf(field: Field, total: number, values: number, deviating: number): FieldRow {
  return {
    path: pathOf(field),
    state: stateOf(total, values, deviating),
    expected: expected[field.kind],
    total,
    deviating,
  };
}

function stateOf(total: number, values: number, deviating: number): FieldRow['state'] {
  if (deviating > 0) return 'drift';
  if (total === 0) return 'unseen';
  return values === 0 ? 'absent' : 'ok';
}

/** The gateway reads any text as a status, and those that D7 does not document as `UNKNOWN`. */
function withUnknownStatuses(row: FieldRow, unknown: number): FieldRow {
  if (unknown === 0) return row;
  return { ...row, state: 'drift', expected: documentedStatuses, deviating: row.deviating + unknown };
}

/** The values of each field of the messages, and the texts that are no documented status. */
function countsIn({ messages }: ViberLog): { values: Record<MessageKey, number>; unknownStatuses: number } {
  const keys = Object.keys(messageFields) as MessageKey[];
  const values = Object.fromEntries(keys.map((key) => [key, 0])) as Record<MessageKey, number>;
  let unknownStatuses = 0;
  messages.walk((row) => {
    for (const key of keys) if (row.startOf(key) !== null) values[key] += 1;
    if (row.status() === 'UNKNOWN' && row.startOf('rawStatus') !== null) unknownStatuses += 1;
  });
  return { values, unknownStatuses };
}

/** @param body of a response that the decoder accepted. */
export function notesOn(body: Buffer, requestId: string, contentType: string): string[] {
  const text = withoutByteOrderMark(body);
  const log = parseJson(text);
  if (!isJsonObject(log)) return [];
  const messages = (log[messagesName] as unknown[]).filter(isJsonObject);
  const notes: string[] = [];
  if (!/^application\/([\w.+-]+\+)?json *(;|$)/i.test(contentType)) notes.push('the content type is not JSON');
  if (text.length < body.length) notes.push('a byte order mark precedes the log');
  if (log[logFields.requestId.name] !== requestId) notes.push(`${logFields.requestId.name} is in another case`);
  notes.push(...otherNamesIn(messages), ...unknownNames([log], [...namesOf(logFields), messagesName], ''));
  notes.push(...unknownNames(messages, namesOf(messageFields), `${messagesName}[].`));
  return notes;
}

function otherNamesIn(messages: readonly JsonObject[]): string[] {
  return Object.values(messageFields).flatMap((field) =>
    (field.otherNames ?? [])
      .filter((other) => messages.some((message) => message[field.name] == null && message[other] != null))
      .map((other) => `${messagesName}[].${other} is used in place of ${field.name}`),
  );
}

/** New fields of D7, which the gateway ignores. */
function unknownNames(objects: readonly JsonObject[], known: readonly string[], prefix: string): string[] {
  const unknown = new Set(objects.flatMap((object) => Object.keys(object)).filter((name) => !known.includes(name)));
  const printable = [...unknown].filter(isFieldName);
  const notes = printable.map((name) => `${prefix}${name} is not in the contract`);
  if (printable.length < unknown.size) notes.push(`${prefix}… has names that are no names of fields`);
  return notes;
}

/** In lower case and without a long number: not a phone number, and not a token. */
function isFieldName(name: string): boolean {
  return /^[a-z][a-z0-9_]{0,39}$/.test(name) && !/\d{4}/.test(name);
}

function namesOf(fields: Readonly<Record<string, Field>>): string[] {
  return Object.values(fields).flatMap(({ name, otherNames = [] }) => [name, ...otherNames]);
}
