/**
 * From a field of the schema to a read of the loader, and from the reading to a member of the union.
 */
import type { GraphQLScalarType } from 'graphql';
import { GraphQLDateTime } from 'graphql-scalars';
import type { Reading } from '../viber-log/attempt.ts';
import type { OperationContext } from './context.ts';
import { publicError, publicErrorFor } from './errors.ts';
import { parseRequestId } from './request-id.ts';
import type { Resolvers, ResolversUnionTypes } from './schema-types.ts';

type ViberLogResult = ResolversUnionTypes<never>['ViberLogResult'];

export const resolvers: Resolvers = {
  Query: {
    viberLog: (_root, { requestId }, context) => readViberLog(requestId, context),
    viberLogs: (_root, { requestIds }, context) => readViberLogs(requestIds, context),
  },
  DateTime: dateTime(),
};

/** What the scalar does is the library's; what it is called and told to be is for the schema's file to say. */
function dateTime(): GraphQLScalarType<Date, Date> {
  const { serialize, parseValue, parseLiteral } = GraphQLDateTime;
  return { serialize, parseValue, parseLiteral } as GraphQLScalarType<Date, Date>;
}

function readViberLogs(requestIds: readonly string[], context: OperationContext): Promise<ViberLogResult>[] {
  context.viberLogs();
  const { maxRequestIds } = context.limits;
  if (requestIds.length > maxRequestIds) throw publicError('tooManyRequestIds', { limit: maxRequestIds });
  return requestIds.map((requestId) => readViberLog(requestId, context));
}

/** Async to the letter: what is wrong with one id of a list must be that item's rejection, not the list's. */
async function readViberLog(input: string, context: OperationContext): Promise<ViberLogResult> {
  const viberLogs = context.viberLogs();
  const requestId = parseRequestId(input);
  try {
    return resultOf(await viberLogs.load(requestId), requestId);
  } catch (error) {
    throw publicErrorFor(error);
  }
}

function resultOf(reading: Reading, requestId: string): ViberLogResult {
  switch (reading.kind) {
    case 'log':
      return { __typename: 'ViberLog', ...reading.log };
    case 'noSuchLog':
      return { __typename: 'NotFound', requestId, ...reading.noSuchLog };
  }
}
