/**
 * Reads what a plan asks for: each id through the loader of the operation, each failure in its place.
 */
import { type GraphQLError, locatedError } from 'graphql';
import type { ReadResult } from '../../d7/read-result.ts';
import type { Variables } from '../collect-fields.ts';
import type { OperationContext } from '../context.ts';
import { publicErrorFor } from '../errors.ts';
import { expectReadable } from '../reads.ts';
import { parseRequestId, requestIdIn } from '../request-id.ts';
import { ComputedViews, type FailedView } from './computed-views.ts';
import type { ExecutionPlan, PlannedField } from './execution-plan.ts';
import type { Found } from './response-writer.ts';

/** What each root field asks for: an id, a list of ids, or nothing of D7. */
export type Asked = string | readonly string[] | null;

/** Null where an argument is no text or list (a nullable variable may be null): graphql-js knows what follows from that. */
export function askedBy({ fields }: ExecutionPlan, variables: Variables): Asked[] | null {
  const asked: Asked[] = [];
  for (const field of fields) {
    const one = askedByField(field, variables);
    if (one === undefined) return null;
    asked.push(one);
  }
  return asked;
}

function askedByField(field: PlannedField, variables: Variables): Asked | undefined {
  if (field.kind === 'typename') return null;
  const value = field.argument(variables);
  const isAskable = field.kind === 'one' ? typeof value === 'string' : Array.isArray(value);
  return isAskable ? (value as Asked) : undefined;
}

/** How many items it asks for, duplicates included: it costs no more calls to D7 than that. */
export function itemsIn(asked: readonly Asked[]): number {
  return asked.reduce((sum, one) => sum + (one === null ? 0 : typeof one === 'string' ? 1 : one.length), 0);
}

/** How many distinct logs that is, as operation-cost.ts counts them. */
export function logsIn(asked: readonly Asked[]): number {
  const requestIds = new Set<string | null>(asked.flat().map((input) => (input === null ? null : requestIdIn(input))));
  requestIds.delete(null);
  return requestIds.size;
}

/** Errors come in the order in which the reads failed, as graphql-js has it. */
export async function findAsked(
  { fields, hasViews }: ExecutionPlan,
  asked: readonly Asked[],
  context: OperationContext,
): Promise<{ found: Found[]; views: ComputedViews | null; errors: GraphQLError[] }> {
  const errors: GraphQLError[] = [];
  const views = hasViews ? new ComputedViews(context) : null;

  function find(field: PlannedField, one: Asked): Found | Promise<Found> {
    if (one === null) return null;
    if (typeof one === 'string') return findOne(field, one);
    try {
      expectReadable(one, context);
    } catch (error) {
      return fail(error, field);
    }
    return Promise.all(one.map((requestId, index) => findOne(field, requestId, index)));
  }

  /** @param index its place, where several are asked for. */
  function findOne(field: PlannedField, requestId: string, index?: number): Promise<ReadResult | null> | null {
    const failRead = (error: unknown) => fail(publicErrorFor(error), field, index);
    try {
      const reading = context.viberLogs().load(parseRequestId(requestId));
      if (views === null) return reading.catch(failRead);
      const computeViews = (result: ReadResult) => computed(views, result, field, index);
      return reading.then(computeViews).catch(failRead);
    } catch (error) {
      return failRead(error);
    }
  }

  async function computed(
    views: ComputedViews,
    result: ReadResult,
    field: PlannedField,
    index?: number,
  ): Promise<ReadResult | null> {
    if (field.kind === 'typename') return result;
    const failed = await views.compute(result, field.viberLog);
    return failed === null ? result : fail(failed.error, field, index, failed);
  }

  /** @param view the field of the log that failed, where it is not the read itself. */
  function fail(error: unknown, { key, nodes }: PlannedField, index?: number, view?: FailedView): null {
    const path = index === undefined ? [key] : [key, index];
    errors.push(view ? locatedError(error, view.nodes, [...path, view.key]) : locatedError(error, nodes, path));
    return null;
  }

  const finding = fields.map((field, index) => find(field, asked[index] ?? null));
  const found = finding.length === 1 ? [await (finding[0] as Found)] : await Promise.all(finding);
  return { found, views, errors };
}

/** By request id. */
export function resultsIn(found: readonly Found[]): Map<string, ReadResult> {
  const results = new Map<string, ReadResult>();
  for (const result of found.flat() as (ReadResult | null)[]) {
    if (result !== null) results.set(requestIdOf(result), result);
  }
  return results;
}

function requestIdOf(result: ReadResult): string {
  return result.kind === 'log' ? result.log.requestId : result.noSuchLog.requestId;
}
