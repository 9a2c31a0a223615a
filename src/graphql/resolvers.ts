/**
 * From a field of the schema to a read of the loader, and from the reading to a member of the union.
 */
import { type FieldNode, type GraphQLResolveInfo, type GraphQLScalarType, responsePathAsArray } from 'graphql';
import { GraphQLDateTime } from 'graphql-scalars';
import type { ViberLog } from '../d7/log/log-scanner.ts';
import type { ReadResult } from '../d7/read-result.ts';
import type { LiveUpdate } from '../viber-log/live-log.ts';
import type { OperationContext } from './context.ts';
import { publicError, publicErrorFor } from './errors.ts';
import { createSelector, type Selection } from './fast-path/execution-plan.ts';
import { parseRequestId } from './request-id.ts';
import { messagesWriterOf, type WriteMessages } from './response/message-writer.ts';
import type { Resolvers, ResolversUnionTypes } from './schema-types.ts';

type ViberLogResult = ResolversUnionTypes<never>['ViberLogResult'];

/** A log as it was fetched: no objects are made of its messages. */
export type FetchedLog = ViberLog & { fetchedAt: Date };

export const resolvers: Resolvers = {
  Query: {
    viberLog: (_root, { requestId }, context) => readViberLog(requestId, context),
    viberLogs: (_root, { requestIds }, context) => readViberLogs(requestIds, context),
  },
  Subscription: {
    viberLog: {
      subscribe: (_root, { requestId }, context) => followViberLog(requestId, context),
      resolve: (update: LiveUpdate, _args: object, { response }: OperationContext) => {
        // Those of the event before it.
        response.rows.clear();
        return resultOfUpdate(update);
      },
    },
  },
  ViberLog: {
    messages: (log, _args, context, info) => deferMessages(log, context, info),
  },
  DateTime: dateTime(),
};

/** What the scalar does is the library's; what it is called and told to be is for the schema's file to say. */
function dateTime(): GraphQLScalarType<Date, Date> {
  const { serialize, parseValue, parseLiteral } = GraphQLDateTime;
  return { serialize, parseValue, parseLiteral } as GraphQLScalarType<Date, Date>;
}

function readViberLogs(requestIds: readonly string[], context: OperationContext): Promise<ViberLogResult>[] {
  expectReadable(requestIds, context);
  return requestIds.map((requestId) => readViberLog(requestId, context));
}

/** What fails a whole list, and not an item of it. @throws GraphQLError */
export function expectReadable(requestIds: readonly string[], context: OperationContext): void {
  context.viberLogs();
  const { maxRequestIds } = context.limits;
  if (requestIds.length > maxRequestIds) throw publicError('tooManyRequestIds', { limit: maxRequestIds });
}

/** Async to the letter: what is wrong with one id of a list must be that item's rejection, not the list's. */
export async function readViberLog(input: string, context: OperationContext): Promise<ViberLogResult> {
  return resultOf(await loadResult(input, context));
}

export async function loadResult(input: string, context: OperationContext): Promise<ReadResult> {
  try {
    return await context.viberLogs().load(parseRequestId(input));
  } catch (error) {
    throw publicErrorFor(error);
  }
}

function followViberLog(input: string, context: OperationContext): AsyncIterable<LiveUpdate> {
  const liveViberLogs = context.liveViberLogs();
  const requestId = parseRequestId(input);
  try {
    return liveViberLogs.subscribe(requestId);
  } catch (error) {
    throw publicErrorFor(error);
  }
}

/** A failure comes as the last event, and not as the end of the stream: that way every transport can tell what it was. */
function resultOfUpdate(update: LiveUpdate): ViberLogResult {
  if (update instanceof Error) throw publicErrorFor(update);
  return resultOf(update);
}

function resultOf(reading: ReadResult): ViberLogResult {
  switch (reading.kind) {
    case 'log':
      return viberLogOf(reading.log, reading.fetchedAt);
    case 'noSuchLog':
      return { __typename: 'NotFound', ...reading.noSuchLog };
  }
}

function viberLogOf({ requestId, totalRecipients, channel, messages }: ViberLog, fetchedAt: Date): ViberLogResult {
  return { __typename: 'ViberLog', requestId, totalRecipients, channel, messages, fetchedAt };
}

/** The same list for each log of a list of logs, and another one for each execution. */
const messageWriters = new WeakMap<readonly FieldNode[], WriteMessages>();

/** Nothing, for graphql-js: the rows are written in its place (deferred-rows.ts). */
function deferMessages({ messages }: FetchedLog, { response }: OperationContext, info: GraphQLResolveInfo): [] {
  const { fieldNodes, path } = info;
  const write = messageWriters.get(fieldNodes) ?? messagesWriterOf(messageSelectionOf(info));
  messageWriters.set(fieldNodes, write);
  response.rows.add(responsePathAsArray(path), messages, write);
  return [];
}

function messageSelectionOf({ schema, fragments, variableValues, fieldNodes }: GraphQLResolveInfo): Selection {
  const selection = createSelector(schema, fragments, variableValues)('ViberMessage', fieldNodes);
  if (selection === null) throw new Error('A field of ViberMessage is not planned for.');
  return selection;
}
