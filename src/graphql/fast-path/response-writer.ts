/**
 * From the results of reads to the bytes of a response, as a plan lays it out.
 */
import type { GraphQLFormattedError } from 'graphql';
import type { LogResult, ReadResult } from '../../d7/read-result.ts';
import type { MessageAt, Selected } from '../field-kinds.ts';
import type { JsonWriter, Steps } from '../response/json-writer.ts';
import { messageWriterOf, prefixOf } from '../response/message-writer.ts';
import {
  type ComputedValues,
  type LogValue,
  logWriterOf,
  nothingComputed,
  objectWriterOf,
  type WriteObject,
} from '../response/object-writer.ts';
import { sliceBytes } from '../response/time-slices.ts';
import type { ComputedViews } from './computed-views.ts';
import type { ExecutionPlan, PlannedField } from './execution-plan.ts';

/** What a root field is answered from: of a list one item for each id or representation. */
export type Found = FoundItem | readonly FoundItem[];
/** Null where it failed. */
export type FoundItem = ReadResult | FoundMessage | FoundRequest | null;
/** @param at null where the log has no such message. */
type FoundMessage = { kind: 'message'; result: LogResult; at: MessageAt | null };
/** @param logs what was read for its fields. @param bodyBytes of all of them. */
export type FoundRequest = {
  kind: 'request';
  requestId: string;
  logs: Map<Selected<never>, LogValue>;
  bodyBytes: number;
};

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

type Shapes = {
  log: WriteObject<ReadResult | null>;
  /** Of entities. */
  message?: (out: JsonWriter, message: MessageAt) => void;
  request?: WriteObject<FoundRequest>;
};

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
      const steps = isSeveral(one) ? writeList(out, shapes, one, views) : writeItem(out, shapes, one, views);
      if (steps) yield* steps;
    }
    if (roots.length === 0) out.token(emptyObject);
    else out.byte(closeObject);
    out.byte(closeObject);
  };
}

function isSeveral(found: Found): found is readonly FoundItem[] {
  return Array.isArray(found);
}

function* writeList(out: JsonWriter, shapes: Shapes, items: readonly FoundItem[], views: ComputedViews | null): Steps {
  out.byte(openList);
  for (let index = 0; index < items.length; index += 1) {
    if (index > 0) out.byte(comma);
    const steps = writeItem(out, shapes, items[index] as FoundItem, views);
    if (steps) yield* steps;
    if (out.isSliceFull) yield;
  }
  out.byte(closeList);
}

/** Nearly all are small and written at once: steps cost more than such a log. */
function writeItem(
  out: JsonWriter,
  { log, message, request }: Shapes,
  item: FoundItem,
  views: ComputedViews | null,
): Steps | null {
  switch (item?.kind) {
    case 'message':
      if (item.at === null) out.token(nothing);
      else message?.(out, item.at);
      return null;
    case 'request':
      return request ? writeObject(out, request, item, item.logs, item.bodyBytes) : null;
    default:
      return writeObject(out, log, item, item && views ? views.of(item) : nothingComputed, item?.bodyBytes ?? 0);
  }
}

function writeObject<Source>(
  out: JsonWriter,
  { atOnce, inSteps }: WriteObject<Source>,
  source: Source,
  computed: ComputedValues,
  bodyBytes: number,
): Steps | null {
  if (bodyBytes > sliceBytes) return inSteps(out, source, computed);
  atOnce(out, source, computed);
  return null;
}

function shapesOf(field: Exclude<PlannedField, { kind: 'typename' }>): Shapes {
  const log = logWriterOf(field);
  if (field.kind !== 'entities') return { log };
  return { log, message: messageWriterOf(field.viberMessage), request: objectWriterOf(field.viberRequest) };
}
