/**
 * Reads what a plan asks for: each id through the loader of the operation, each failure in its place.
 */
import { type FieldNode, type GraphQLError, locatedError } from 'graphql';
import type { ReadResult } from '../../d7/read-result.ts';
import type { Variables } from '../collect-fields.ts';
import type { OperationContext } from '../context.ts';
import { type EntityKey, entityKeyIn } from '../entities.ts';
import { publicErrorFor } from '../errors.ts';
import type { SelectedLog } from '../field-kinds.ts';
import { expectReadable } from '../reads.ts';
import { parseRequestId, requestIdIn } from '../request-id.ts';
import { nothingComputed } from '../response/object-writer.ts';
import { ComputedViews } from './computed-views.ts';
import type { ExecutionPlan, PlannedEntities, PlannedField } from './execution-plan.ts';
import type { Found, FoundItem, FoundRequest } from './response-writer.ts';

/** What each root field asks for: an id, a list of ids, a list of entities, or nothing of D7. */
export type Asked = string | readonly string[] | readonly EntityKey[] | null;

/** Null where an argument is no text or list (a nullable variable may be null): graphql-js knows what follows from that. */
export function askedBy({ fields }: ExecutionPlan, variables: Variables): Asked[] | null {
  const asked: Asked[] = [];
  // Aliases share the list of a variable: it is read once, since only later it is known whether it is too long.
  let known: Map<readonly unknown[], EntityKey[] | undefined> | undefined;
  for (const field of fields) {
    const one = askedByField(field);
    if (one === undefined) return null;
    asked.push(one);
  }
  return asked;

  function askedByField(field: PlannedField): Asked | undefined {
    if (field.kind === 'typename') return null;
    const value = field.argument(variables);
    if (field.kind === 'one') return typeof value === 'string' ? value : undefined;
    if (!Array.isArray(value)) return undefined;
    return field.kind === 'entities' ? entityKeysOf(value) : value;
  }

  function entityKeysOf(representations: readonly unknown[]): EntityKey[] | undefined {
    known ??= new Map();
    const keys = known.get(representations) ?? entityKeysIn(representations);
    known.set(representations, keys);
    return keys;
  }
}

/** Undefined where graphql-js has a representation to refuse. */
function entityKeysIn(representations: readonly unknown[]): EntityKey[] | undefined {
  const keys: EntityKey[] = [];
  for (const representation of representations) {
    const key = entityKeyIn(representation);
    if (key === null) return undefined;
    keys.push(key);
  }
  return keys;
}

/** How many items it asks for, duplicates included: it costs no more calls to D7 than that. */
export function itemsIn(asked: readonly Asked[]): number {
  return asked.reduce((sum, one) => sum + (one === null ? 0 : typeof one === 'string' ? 1 : one.length), 0);
}

/** How many distinct logs that is, as operation-cost.ts counts them. */
export function logsIn(asked: readonly Asked[]): number {
  const requestIds = new Set<string | null>(
    asked.flat().map((one: string | EntityKey | null) => {
      if (one === null) return null;
      return requestIdIn(typeof one === 'string' ? one : one.requestId);
    }),
  );
  requestIds.delete(null);
  return requestIds.size;
}

type Path = readonly (string | number)[];
type WantedLog = SelectedLog & { nodes: readonly FieldNode[] };
type WantedLogOfRequest = PlannedEntities['logsOfRequest'][number];

/** Errors come in the order in which the reads failed, as graphql-js has it. */
export async function findAsked(
  { fields, hasViews }: ExecutionPlan,
  asked: readonly Asked[],
  context: OperationContext,
): Promise<{ found: Found[]; views: ComputedViews | null; errors: GraphQLError[] }> {
  const errors: GraphQLError[] = [];
  const views = hasViews ? new ComputedViews(context) : null;

  function find(field: PlannedField, one: Asked): Found | Promise<Found> {
    const { key, nodes } = field;
    if (one === null || field.kind === 'typename') return null;
    if (typeof one === 'string') return findLog(field, one, [key]);
    if (field.kind === 'entities') {
      // Also for handles alone: the trace of an operation begins here.
      context.viberLogs();
      return Promise.all((one as EntityKey[]).map((entity, index) => findEntity(field, entity, [key, index])));
    }
    const requestIds = one as readonly string[];
    try {
      expectReadable(requestIds, context);
    } catch (error) {
      return fail(error, nodes, [key]);
    }
    return Promise.all(requestIds.map((requestId, index) => findLog(field, requestId, [key, index])));
  }

  function findEntity(
    field: PlannedEntities & { nodes: readonly FieldNode[] },
    entity: EntityKey,
    path: Path,
  ): FoundItem | Promise<FoundItem> {
    switch (entity.typeName) {
      case 'ViberLog':
        return findLog(field, entity.requestId, path);
      case 'ViberMessage':
        return read(entity.requestId, field.nodes, path, (result) => findMessage(result, entity.msgId));
      case 'ViberRequest':
        return findRequest(field, entity.requestId, path);
    }
  }

  function findLog(wanted: WantedLog, requestId: string, path: Path): Promise<ReadResult | null> | null {
    if (views === null) return read(requestId, wanted.nodes, path, null);
    return read(requestId, wanted.nodes, path, (result) => computed(views, result, wanted, path));
  }

  /** A missing log is a result as well: the response depends on it. */
  async function findMessage(result: ReadResult, msgId: string): Promise<FoundItem> {
    if (result.kind !== 'log') return result;
    const at = await context.messageIndex().find(result.log.messages, msgId);
    return { kind: 'message', result, at };
  }

  async function findRequest({ logsOfRequest }: PlannedEntities, requestId: string, path: Path): Promise<FoundRequest> {
    const request: FoundRequest = { kind: 'request', requestId, logs: new Map(), bodyBytes: 0 };
    // All of them are asked for at once.
    const reading = logsOfRequest.map((wanted) => findLog(wanted, requestId, [...path, wanted.key]));
    for (let index = 0; index < reading.length; index += 1) {
      const result = (await reading[index]) ?? null;
      const computed = result && views ? views.of(result) : nothingComputed;
      request.logs.set(logsOfRequest[index] as WantedLogOfRequest, { result, computed });
      request.bodyBytes += result?.bodyBytes ?? 0;
    }
    return request;
  }

  /** @param find what is wanted of the result; null: the result itself. */
  function read<Item extends FoundItem = ReadResult>(
    requestId: string,
    nodes: readonly FieldNode[],
    path: Path,
    find: ((result: ReadResult) => Promise<Item>) | null,
  ): Promise<Item | null> | null {
    const failRead = (error: unknown) => fail(publicErrorFor(error), nodes, path);
    try {
      const reading = context.viberLogs().load(parseRequestId(requestId));
      return find === null ? (reading as Promise<Item>).catch(failRead) : reading.then(find).catch(failRead);
    } catch (error) {
      return failRead(error);
    }
  }

  async function computed(
    views: ComputedViews,
    result: ReadResult,
    { viberLog }: WantedLog,
    path: Path,
  ): Promise<ReadResult | null> {
    const failed = await views.compute(result, viberLog);
    return failed === null ? result : fail(failed.error, failed.nodes, [...path, failed.key]);
  }

  function fail(error: unknown, nodes: readonly FieldNode[], path: Path): null {
    errors.push(locatedError(error, nodes, path));
    return null;
  }

  const finding = fields.map((field, index) => find(field, asked[index] ?? null));
  const found = finding.length === 1 ? [await (finding[0] as Found)] : await Promise.all(finding);
  return { found, views, errors };
}

/** By request id. */
export function resultsIn(found: readonly Found[]): Map<string, ReadResult> {
  const results = new Map<string, ReadResult>();
  for (const item of found.flat() as FoundItem[]) addResults(item, results);
  return results;
}

function addResults(item: FoundItem, results: Map<string, ReadResult>): void {
  switch (item?.kind) {
    case 'message':
      addResults(item.result, results);
      return;
    case 'request':
      for (const { result } of item.logs.values()) addResults(result, results);
      return;
    case 'log':
      results.set(item.log.requestId, item);
      return;
    case 'noSuchLog':
      results.set(item.noSuchLog.requestId, item);
  }
}
