/**
 * From readings to the bytes of an answer, as a plan lays it out.
 */
import type { GraphQLFormattedError } from 'graphql';
import type { NoSuchLog } from '../../d7/log/decoder.ts';
import type { ViberLog } from '../../d7/log/log-scanner.ts';
import type { ReadResult } from '../../d7/read-result.ts';
import type { JsonWriter, Steps } from '../response/json-writer.ts';
import { messagesWriterOf, prefixOf } from '../response/message-writer.ts';
import { sliceBytes } from '../response/time-slices.ts';
import type { ExecutionPlan, RootField, Selection } from './execution-plan.ts';

/** What a root field is answered from: of `viberLogs` one for each id. Null where it failed. */
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

type LogReading = Extract<ReadResult, { kind: 'log' }>;
type NoSuchLogReading = Extract<ReadResult, { kind: 'noSuchLog' }>;

type Field<Source> = {
  prefix: Buffer;
  write: (out: JsonWriter, source: Source) => void;
  /** For what may be long. */
  inSteps?: (out: JsonWriter, source: Source) => Steps;
};
type Shapes = { log: readonly Field<LogReading>[]; noSuchLog: readonly Field<NoSuchLogReading>[] };

export function createResponseWriter({ fields }: ExecutionPlan): WriteResponse {
  const roots = fields.map((field, index) => ({
    prefix: Buffer.from(prefixOf(field.key, index)),
    // A constant needs no reading.
    shapes: field.name === '__typename' ? null : shapesOf(field),
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
      const steps = isSeveral(one) ? writeList(out, shapes, one) : writeReading(out, shapes, one);
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
    const steps = writeReading(out, shapes, items[index] as ReadResult | null);
    if (steps) yield* steps;
    if (out.isSliceFull) yield;
  }
  out.byte(closeList);
}

/** Nearly all are small and written at once: steps cost more than such a log. */
function writeReading(out: JsonWriter, { log, noSuchLog }: Shapes, reading: ReadResult | null): Steps | null {
  if (reading === null) {
    out.token(nothing);
  } else if (reading.kind === 'noSuchLog') {
    writeObject(out, noSuchLog, reading);
  } else {
    if (reading.bodyBytes > sliceBytes) return writeObjectInSteps(out, log, reading);
    writeObject(out, log, reading);
  }
  return null;
}

function writeObject<Source>(out: JsonWriter, fields: readonly Field<Source>[], source: Source): void {
  for (const { prefix, write } of fields) {
    out.token(prefix);
    write(out, source);
  }
  closeObjectOf(out, fields);
}

function* writeObjectInSteps<Source>(out: JsonWriter, fields: readonly Field<Source>[], source: Source): Steps {
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

function shapesOf({ viberLog, notFound }: RootField): Shapes {
  return { log: viberLog.map(logFieldOf), noSuchLog: notFound.map(noSuchLogFieldOf) };
}

function logFieldOf({ key, name, messages }: Selection[number], index: number): Field<LogReading> {
  const prefix = Buffer.from(prefixOf(key, index));
  switch (name) {
    case '__typename':
      return { prefix, write: constant('ViberLog') };
    case 'fetchedAt':
      return { prefix, write: (out, { fetchedAt }) => out.text(JSON.stringify(fetchedAt)) };
    case 'messages': {
      const { atOnce, inSteps } = messagesWriterOf(messages ?? []);
      return {
        prefix,
        write: (out, { log }) => atOnce(out, log.messages),
        inSteps: (out, { log }) => inSteps(out, log.messages),
      };
    }
    default:
      return {
        prefix,
        write: (out, { log }) => out.text(JSON.stringify(log[name as Exclude<keyof ViberLog, 'messages'>])),
      };
  }
}

function noSuchLogFieldOf({ key, name }: Selection[number], index: number): Field<NoSuchLogReading> {
  const prefix = Buffer.from(prefixOf(key, index));
  switch (name) {
    case '__typename':
      return { prefix, write: constant('NotFound') };
    default:
      return {
        prefix,
        write: (out, { noSuchLog }) => out.text(JSON.stringify(noSuchLog[name as keyof NoSuchLog])),
      };
  }
}

function constant(name: string): (out: JsonWriter) => void {
  const token = Buffer.from(JSON.stringify(name));
  return (out) => out.token(token);
}
