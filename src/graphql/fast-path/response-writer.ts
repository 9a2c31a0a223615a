/**
 * From the results of reads to the bytes of a response, as a plan lays it out.
 */
import type { GraphQLFormattedError } from 'graphql';
import type { LogResult, NoSuchLogResult, ReadResult } from '../../d7/read-result.ts';
import type { Selected } from '../field-kinds.ts';
import type { JsonWriter, Steps } from '../response/json-writer.ts';
import { messagesWriterOf, prefixOf } from '../response/message-writer.ts';
import { sliceBytes } from '../response/time-slices.ts';
import type { ExecutionPlan, PlannedRead } from './execution-plan.ts';

/** What a root field is answered from: of a list one result for each id. Null where it failed. */
export type Found = ReadResult | null | readonly (ReadResult | null)[];

export type WriteResponse = (
  out: JsonWriter,
  found: readonly Found[],
  errors: readonly GraphQLFormattedError[],
) => Steps;

const openList = 0x5b;
const closeList = 0x5d;
const closeObject = 0x7d;
const comma = 0x2c;
const nothing = Buffer.from('null');
const emptyObject = Buffer.from('{}');

type FieldWriter<Source> = {
  prefix: Buffer;
  write: (out: JsonWriter, source: Source) => void;
  /** For what may be long. */
  inSteps?: (out: JsonWriter, source: Source) => Steps;
};
type Shapes = { log: readonly FieldWriter<LogResult>[]; noSuchLog: readonly FieldWriter<NoSuchLogResult>[] };

export function createResponseWriter({ fields }: ExecutionPlan): WriteResponse {
  const roots = fields.map((field, index) => ({
    prefix: Buffer.from(prefixOf(field.key, index)),
    // A constant needs no result.
    shapes: field.kind === 'typename' ? null : shapesOf(field),
  }));
  return function* write(out, found, errors) {
    out.text(errors.length > 0 ? `{"errors":${JSON.stringify(errors)},"data":` : '{"data":');
    for (let index = 0; index < roots.length; index += 1) {
      const { prefix, shapes } = roots[index] as (typeof roots)[number];
      out.token(prefix);
      if (shapes === null) {
        out.text('"Query"');
        continue;
      }
      const one = found[index] as Found;
      const steps = isSeveral(one) ? writeList(out, shapes, one) : writeResult(out, shapes, one);
      if (steps) yield* steps;
    }
    if (roots.length === 0) out.token(emptyObject);
    else out.byte(closeObject);
    out.byte(closeObject);
  };
}

function isSeveral(found: Found): found is readonly (ReadResult | null)[] {
  return Array.isArray(found);
}

function* writeList(out: JsonWriter, shapes: Shapes, items: readonly (ReadResult | null)[]): Steps {
  out.byte(openList);
  for (let index = 0; index < items.length; index += 1) {
    if (index > 0) out.byte(comma);
    const steps = writeResult(out, shapes, items[index] as ReadResult | null);
    if (steps) yield* steps;
    if (out.isSliceFull) yield;
  }
  out.byte(closeList);
}

/** Nearly all are small and written at once: steps cost more than such a log. */
function writeResult(out: JsonWriter, { log, noSuchLog }: Shapes, result: ReadResult | null): Steps | null {
  if (result === null) {
    out.token(nothing);
  } else if (result.kind === 'noSuchLog') {
    writeObject(out, noSuchLog, result);
  } else {
    if (result.bodyBytes > sliceBytes) return writeObjectInSteps(out, log, result);
    writeObject(out, log, result);
  }
  return null;
}

function writeObject<Source>(out: JsonWriter, fields: readonly FieldWriter<Source>[], source: Source): void {
  for (const { prefix, write } of fields) {
    out.token(prefix);
    write(out, source);
  }
  closeObjectOf(out, fields);
}

function* writeObjectInSteps<Source>(out: JsonWriter, fields: readonly FieldWriter<Source>[], source: Source): Steps {
  for (const { prefix, write, inSteps } of fields) {
    out.token(prefix);
    if (inSteps) yield* inSteps(out, source);
    else write(out, source);
  }
  closeObjectOf(out, fields);
}

function closeObjectOf(out: JsonWriter, { length }: readonly unknown[]): void {
  if (length === 0) out.token(emptyObject);
  else out.byte(closeObject);
}

function shapesOf({ viberLog, notFound }: PlannedRead): Shapes {
  return { log: viberLog.map(logFieldWriterOf), noSuchLog: notFound.map(noSuchLogFieldWriterOf) };
}

function logFieldWriterOf(selected: Selected<LogResult>, index: number): FieldWriter<LogResult> {
  if (selected.kind !== 'messages') return leafWriterOf(selected, index);
  const { atOnce, inSteps } = messagesWriterOf(selected.selection);
  return {
    prefix: Buffer.from(prefixOf(selected.key, index)),
    write: (out, { log }) => atOnce(out, log.messages),
    inSteps: (out, { log }) => inSteps(out, log.messages),
  };
}

function noSuchLogFieldWriterOf(selected: Selected<NoSuchLogResult>, index: number): FieldWriter<NoSuchLogResult> {
  if (selected.kind === 'messages') throw new Error('NotFound has no messages.');
  return leafWriterOf(selected, index);
}

function leafWriterOf<Source>(
  selected: Exclude<Selected<Source>, { kind: 'messages' }>,
  index: number,
): FieldWriter<Source> {
  const prefix = Buffer.from(prefixOf(selected.key, index));
  switch (selected.kind) {
    case 'typename': {
      const token = Buffer.from(JSON.stringify(selected.typeName));
      return { prefix, write: (out) => out.token(token) };
    }
    case 'leaf': {
      const { read } = selected;
      return { prefix, write: (out, source) => out.text(JSON.stringify(read(source))) };
    }
    case 'column':
      throw new Error('A column is written with its row.');
  }
}
