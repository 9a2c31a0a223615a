/**
 * From readings to the bytes of an answer, as a plan lays it out.
 */
import type { GraphQLFormattedError } from 'graphql';
import type { NoSuchLog } from '../d7/decoder.ts';
import type { ViberLog } from '../d7/plain-log.ts';
import type { Reading } from '../d7/reading.ts';
import type { AnswerPlan, RootField, Selection } from './answer-plan.ts';
import type { JsonWriter, Steps } from './json-writer.ts';
import { messagesWriterOf, prefixOf } from './message-writer.ts';

/** What a root field is answered from: of `viberLogs` one for each id. Null where it failed. */
export type Found = Reading | null | readonly (Reading | null)[];

export type WriteAnswer = (out: JsonWriter, found: readonly Found[], errors: readonly GraphQLFormattedError[]) => Steps;

const openList = 0x5b;
const closeList = 0x5d;
const closeObject = 0x7d;
const comma = 0x2c;
const nothing = Buffer.from('null');
const emptyObject = Buffer.from('{}');

export function createAnswerWriter({ fields }: AnswerPlan): WriteAnswer {
  const roots = fields.map((field, index) => ({
    prefix: Buffer.from(prefixOf(field.key, index)),
    // A constant needs no reading.
    write: field.name === '__typename' ? null : readingWriterOf(field),
  }));
  return function* write(out, found, errors) {
    out.text(errors.length > 0 ? `{"errors":${JSON.stringify(errors)},"data":` : '{"data":');
    for (let index = 0; index < roots.length; index += 1) {
      const { prefix, write } = roots[index] as (typeof roots)[number];
      const one = found[index] as Found;
      out.token(prefix);
      if (write === null) out.text('"Query"');
      else if (isSeveral(one)) yield* writeList(out, one, write);
      else yield* write(out, one);
    }
    if (roots.length === 0) out.token(emptyObject);
    else out.byte(closeObject);
    out.byte(closeObject);
  };
}

function isSeveral(found: Found): found is readonly (Reading | null)[] {
  return Array.isArray(found);
}

type WriteReading = (out: JsonWriter, reading: Reading | null) => Steps;

function* writeList(out: JsonWriter, items: readonly (Reading | null)[], write: WriteReading): Steps {
  out.byte(openList);
  for (let index = 0; index < items.length; index += 1) {
    if (index > 0) out.byte(comma);
    yield* write(out, items[index] as Reading | null);
    if (out.isSliceFull) yield;
  }
  out.byte(closeList);
}

type WriteValue<Source> = (out: JsonWriter, source: Source) => void;
/** A list of messages is written in steps, all else at once. */
type FieldWriter<Source> = { write: WriteValue<Source> } | { steps: (out: JsonWriter, source: Source) => Steps };
type LogReading = Extract<Reading, { kind: 'log' }>;
type NoSuchLogReading = Extract<Reading, { kind: 'noSuchLog' }>;

function readingWriterOf({ viberLog, notFound }: RootField): WriteReading {
  const writeLog = objectWriterOf(viberLog, logFieldWriterOf);
  const writeNotFound = objectWriterOf(notFound, notFoundFieldWriterOf);
  return function* write(out, reading) {
    if (reading === null) out.token(nothing);
    else if (reading.kind === 'log') yield* writeLog(out, reading);
    else yield* writeNotFound(out, reading);
  };
}

function objectWriterOf<Source>(
  selection: Selection,
  fieldWriterOf: (selected: Selection[number]) => FieldWriter<Source>,
): (out: JsonWriter, source: Source) => Steps {
  const fields = selection.map((selected, index) => ({
    prefix: Buffer.from(prefixOf(selected.key, index)),
    writer: fieldWriterOf(selected),
  }));
  return function* writeObject(out, source) {
    for (const { prefix, writer } of fields) {
      out.token(prefix);
      if ('write' in writer) writer.write(out, source);
      else yield* writer.steps(out, source);
    }
    if (fields.length === 0) out.token(emptyObject);
    else out.byte(closeObject);
  };
}

function logFieldWriterOf({ name, messages }: Selection[number]): FieldWriter<LogReading> {
  switch (name) {
    case '__typename':
      return constant('ViberLog');
    case 'fetchedAt':
      return { write: (out, { fetchedAt }) => out.text(JSON.stringify(fetchedAt)) };
    case 'messages': {
      const write = messagesWriterOf(messages ?? []);
      return { steps: (out, { log }) => write(out, log.messages) };
    }
    default:
      return { write: (out, { log }) => out.text(JSON.stringify(log[name as Exclude<keyof ViberLog, 'messages'>])) };
  }
}

function notFoundFieldWriterOf({ name }: Selection[number]): FieldWriter<NoSuchLogReading> {
  switch (name) {
    case '__typename':
      return constant('NotFound');
    default:
      return { write: (out, { noSuchLog }) => out.text(JSON.stringify(noSuchLog[name as keyof NoSuchLog])) };
  }
}

function constant(name: string): FieldWriter<unknown> {
  const token = Buffer.from(JSON.stringify(name));
  return { write: (out) => out.token(token) };
}
