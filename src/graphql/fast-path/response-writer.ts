/**
 * From the results of reads to the bytes of a response, as a plan lays it out.
 */
import type { GraphQLFormattedError } from 'graphql';
import type { LogResult, NoSuchLogResult, ReadResult } from '../../d7/read-result.ts';
import type { JsonWriter, Steps } from '../response/json-writer.ts';
import { prefixOf } from '../response/message-writer.ts';
import { nothingComputed, objectWriterOf, type WriteObject } from '../response/object-writer.ts';
import { sliceBytes } from '../response/time-slices.ts';
import type { ComputedViews } from './computed-views.ts';
import type { ExecutionPlan, PlannedRead } from './execution-plan.ts';

/** What a root field is answered from: of a list one result for each id. Null where it failed. */
export type Found = ReadResult | null | readonly (ReadResult | null)[];

export type WriteResponse = (
  out: JsonWriter,
  found: readonly Found[],
  views: ComputedViews | null,
  errors: readonly GraphQLFormattedError[],
) => Steps;

const openList = 0x5b;
const closeList = 0x5d;
const closeObject = 0x7d;
const comma = 0x2c;
const nothing = Buffer.from('null');
const emptyObject = Buffer.from('{}');

type Shapes = { log: WriteObject<LogResult>; noSuchLog: WriteObject<NoSuchLogResult> };

export function createResponseWriter({ fields }: ExecutionPlan): WriteResponse {
  const roots = fields.map((field, index) => ({
    prefix: Buffer.from(prefixOf(field.key, index)),
    // A constant needs no result.
    shapes: field.kind === 'typename' ? null : shapesOf(field),
  }));
  return function* write(out, found, views, errors) {
    out.text(errors.length > 0 ? `{"errors":${JSON.stringify(errors)},"data":` : '{"data":');
    for (let index = 0; index < roots.length; index += 1) {
      const { prefix, shapes } = roots[index] as (typeof roots)[number];
      out.token(prefix);
      if (shapes === null) {
        out.text('"Query"');
        continue;
      }
      const one = found[index] as Found;
      const steps = isSeveral(one) ? writeList(out, shapes, one, views) : writeResult(out, shapes, one, views);
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

function* writeList(
  out: JsonWriter,
  shapes: Shapes,
  items: readonly (ReadResult | null)[],
  views: ComputedViews | null,
): Steps {
  out.byte(openList);
  for (let index = 0; index < items.length; index += 1) {
    if (index > 0) out.byte(comma);
    const steps = writeResult(out, shapes, items[index] as ReadResult | null, views);
    if (steps) yield* steps;
    if (out.isSliceFull) yield;
  }
  out.byte(closeList);
}

/** Nearly all are small and written at once: steps cost more than such a log. */
function writeResult(
  out: JsonWriter,
  { log, noSuchLog }: Shapes,
  result: ReadResult | null,
  views: ComputedViews | null,
): Steps | null {
  if (result === null) {
    out.token(nothing);
  } else if (result.kind === 'noSuchLog') {
    noSuchLog.atOnce(out, result, nothingComputed);
  } else {
    const computed = views === null ? nothingComputed : views.of(result);
    if (result.bodyBytes > sliceBytes) return log.inSteps(out, result, computed);
    log.atOnce(out, result, computed);
  }
  return null;
}

function shapesOf({ viberLog, notFound }: PlannedRead): Shapes {
  return { log: objectWriterOf(viberLog), noSuchLog: objectWriterOf(notFound) };
}
