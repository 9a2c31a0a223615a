/**
 * Reads what a plan asks for: each id through the loader of the operation, each failure in its place.
 */
import { type GraphQLError, locatedError } from 'graphql';
import type { ReadResult } from '../../d7/read-result.ts';
import type { Variables } from '../collect-fields.ts';
import type { OperationContext } from '../context.ts';
import { publicErrorFor } from '../errors.ts';
import { parseRequestId } from '../request-id.ts';
import { expectReadable } from '../resolvers.ts';
import type { ExecutionPlan, RootField } from './execution-plan.ts';
import type { Found } from './response-writer.ts';

/** What each root field asks for: an id, a list of ids, or nothing of D7. */
export type Asked = string | readonly string[] | null;

/** Null where an argument is not what it mostly is (a nullable variable, say): graphql-js knows what comes of that. */
export function askedBy({ fields }: ExecutionPlan, variables: Variables): Asked[] | null {
  const asked = fields.map(({ argument }) => argument(variables));
  return fields.every(({ name }, index) => isAskable(name, asked[index])) ? (asked as Asked[]) : null;
}

function isAskable(name: RootField['name'], asked: unknown): boolean {
  switch (name) {
    case 'viberLog':
      return typeof asked === 'string';
    case 'viberLogs':
      return Array.isArray(asked);
    case '__typename':
      return true;
  }
}

/** How many items it asks for, duplicates included: it costs no more calls to D7 than that. */
export function itemsIn(asked: readonly Asked[]): number {
  return asked.reduce((sum, one) => sum + (one === null ? 0 : typeof one === 'string' ? 1 : one.length), 0);
}

/** Errors come in the order in which the reads failed, as graphql-js has it. */
export async function findAsked(
  { fields }: ExecutionPlan,
  asked: readonly Asked[],
  context: OperationContext,
): Promise<{ found: Found[]; errors: GraphQLError[] }> {
  const errors: GraphQLError[] = [];

  function find(field: RootField, one: Asked): Found | Promise<Found> {
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
  async function findOne(field: RootField, requestId: string, index?: number): Promise<ReadResult | null> {
    try {
      return await context.viberLogs().load(parseRequestId(requestId));
    } catch (error) {
      return fail(publicErrorFor(error), field, index);
    }
  }

  function fail(error: unknown, { key, nodes }: RootField, index?: number): null {
    errors.push(locatedError(error, nodes, index === undefined ? [key] : [key, index]));
    return null;
  }

  const found = await Promise.all(fields.map((field, index) => find(field, asked[index] ?? null)));
  return { found, errors };
}

/** By request id. */
export function readingsIn(found: readonly Found[]): Map<string, ReadResult> {
  const readings = new Map<string, ReadResult>();
  for (const reading of found.flat() as (ReadResult | null)[]) {
    if (reading !== null) readings.set(requestIdOf(reading), reading);
  }
  return readings;
}

function requestIdOf(reading: ReadResult): string {
  return reading.kind === 'log' ? reading.log.requestId : reading.noSuchLog.requestId;
}
