/**
 * From readings to the bytes of an answer, as a plan lays it out. The values of messages go from D7's bytes into ours as they are.
 */
import type { NoSuchLog } from '../d7/decoder.ts';
import { columns, type ViberMessage } from '../d7/message-row.ts';
import type { ViberLog } from '../d7/plain-log.ts';
import type { Reading } from '../d7/reading.ts';
import type { AnswerPlan, RootField, Selection } from './answer-plan.ts';
import { type Bytes, JsonWriter } from './json-writer.ts';

/** What a root field is answered from: of `viberLogs` one for each id. Null where it failed. */
export type Found = Reading | null | readonly (Reading | null)[];

export type WriteAnswer = (found: readonly Found[], errors: readonly object[]) => Bytes;

const openList = 0x5b;
const closeList = 0x5d;
const closeObject = 0x7d;
const comma = 0x2c;
const nothing = Buffer.from('null');
const emptyObject = Buffer.from('{}');

/** Bytes that nobody keeps between two answers: all are written in one go. */
const out = new JsonWriter();

export function createAnswerWriter({ fields }: AnswerPlan): WriteAnswer {
  const roots = fields.map((field, index) => ({
    prefix: Buffer.from(prefixOf(field.key, index)),
    write: rootWriterOf(field),
  }));
  return (found, errors) => {
    out.begin();
    out.text(errors.length > 0 ? `{"errors":${JSON.stringify(errors)},"data":` : '{"data":');
    roots.forEach(({ prefix, write }, index) => {
      out.token(prefix);
      write(found[index] as Found);
    });
    if (roots.length === 0) out.token(emptyObject);
    else out.byte(closeObject);
    out.byte(closeObject);
    return out.take();
  };
}

function rootWriterOf(field: RootField): (found: Found) => void {
  if (field.name === '__typename') return () => out.text('"Query"');
  const writeReading = readingWriterOf(field);
  return (found) => {
    if (isSeveral(found)) writeList(found, writeReading);
    else writeReading(found);
  };
}

function isSeveral(found: Found): found is readonly (Reading | null)[] {
  return Array.isArray(found);
}

function writeList<Item>(items: readonly Item[], write: (item: Item) => void): void {
  out.byte(openList);
  items.forEach((item, index) => {
    if (index > 0) out.byte(comma);
    write(item);
  });
  out.byte(closeList);
}

function readingWriterOf({ viberLog, notFound }: RootField): (reading: Reading | null) => void {
  const writeLog = objectWriterOf(viberLog, logFieldWriterOf);
  const writeNotFound = objectWriterOf(notFound, notFoundFieldWriterOf);
  return (reading) => {
    if (reading === null) out.token(nothing);
    else if (reading.kind === 'log') writeLog(reading);
    else writeNotFound(reading);
  };
}

type Writer<Source> = (source: Source) => void;
type LogReading = Extract<Reading, { kind: 'log' }>;
type NoSuchLogReading = Extract<Reading, { kind: 'noSuchLog' }>;

function objectWriterOf<Source>(
  selection: Selection,
  fieldWriterOf: (selected: Selection[number]) => Writer<Source>,
): Writer<Source> {
  if (selection.length === 0) return () => out.token(emptyObject);
  const fields = selection.map((selected, index) => ({
    prefix: Buffer.from(prefixOf(selected.key, index)),
    write: fieldWriterOf(selected),
  }));
  return (source) => {
    for (const { prefix, write } of fields) {
      out.token(prefix);
      write(source);
    }
    out.byte(closeObject);
  };
}

function logFieldWriterOf({ name, messages }: Selection[number]): Writer<LogReading> {
  switch (name) {
    case '__typename':
      return constant('ViberLog');
    case 'fetchedAt':
      return ({ fetchedAt }) => out.text(JSON.stringify(fetchedAt));
    case 'messages':
      return messagesWriterOf(messages ?? []);
    default:
      return ({ log }) => out.text(JSON.stringify(log[name as Exclude<keyof ViberLog, 'messages'>]));
  }
}

function notFoundFieldWriterOf({ name }: Selection[number]): Writer<NoSuchLogReading> {
  switch (name) {
    case '__typename':
      return constant('NotFound');
    default:
      return ({ noSuchLog }) => out.text(JSON.stringify(noSuchLog[name as keyof NoSuchLog]));
  }
}

function messagesWriterOf(selection: Selection): Writer<LogReading> {
  const { prefixes, wanted, suffix } = rowShapeOf(selection);
  return ({ log: { messages } }) => {
    // Near enough for most queries, so that the memory seldom has to grow.
    out.reserve(messages.byteLength * 1.25);
    out.byte(openList);
    let isFirst = true;
    messages.walk((row) => {
      if (!isFirst) out.byte(comma);
      isFirst = false;
      out.row(row, prefixes, wanted);
      out.token(suffix);
    });
    out.byte(closeList);
  };
}

/** What is the same in all rows, the names of fields and of the type, in as few pieces as there are values. */
function rowShapeOf(selection: Selection): { prefixes: Buffer[]; wanted: number[]; suffix: Buffer } {
  const prefixes: Buffer[] = [];
  const wanted: number[] = [];
  // `@skip` may have left nothing.
  let constant = selection.length === 0 ? '{' : '';
  selection.forEach(({ key, name }, index) => {
    constant += prefixOf(key, index);
    if (name === '__typename') {
      constant += '"ViberMessage"';
      return;
    }
    prefixes.push(Buffer.from(constant));
    wanted.push(columns[name as keyof ViberMessage]);
    constant = '';
  });
  return { prefixes, wanted, suffix: Buffer.from(`${constant}}`) };
}

function constant(name: string): Writer<unknown> {
  const token = Buffer.from(JSON.stringify(name));
  return () => out.token(token);
}

/** A name in an object with what stands before it. */
function prefixOf(key: string, index: number): string {
  return `${index === 0 ? '{' : ','}${JSON.stringify(key)}:`;
}
