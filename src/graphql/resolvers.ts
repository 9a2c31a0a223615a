/**
 * The resolvers of graphql-js, derived from the field table.
 */
import { type FieldNode, type GraphQLResolveInfo, type GraphQLScalarType, responsePathAsArray } from 'graphql';
import { GraphQLDateTime } from 'graphql-scalars';
import type { LogResult, ReadResult } from '../d7/read-result.ts';
import type { OperationContext } from './context.ts';
import type { Field } from './field-kinds.ts';
import { fields, rootFields } from './fields.ts';
import { messagesWriterOf, type WriteMessages } from './response/message-writer.ts';
import type { Resolvers, ViberMessage } from './schema-types.ts';
import { createSelector } from './selection.ts';

export const resolvers: Resolvers = {
  ...rootFields,
  ViberLog: resolversOf(fields.ViberLog),
  NotFound: resolversOf(fields.NotFound),
  ViberMessage: resolversOf(fields.ViberMessage),
  ViberLogResult: { __resolveType: typeOf },
  Error: { __resolveType: () => 'NotFound' },
  DateTime: dateTime(),
};

function typeOf({ kind }: ReadResult): 'ViberLog' | 'NotFound' {
  return kind === 'log' ? 'ViberLog' : 'NotFound';
}

function resolversOf<Source>(table: Readonly<Record<string, Field<Source>>>): object {
  return Object.fromEntries(
    Object.entries(table).flatMap(([name, field]) => {
      const resolve = resolverOf(field);
      return resolve ? [[name, resolve]] : [];
    }),
  );
}

/** Null where the default resolver does: a column is a property of a message of its name. */
function resolverOf<Source>(field: Field<Source>): unknown {
  switch (field.kind) {
    case 'leaf':
      return field.read;
    case 'column':
      return null;
    case 'messages':
      return resolveMessages;
    case 'graphql-js':
      return field.resolve;
  }
}

/** The scalar's behaviour is the library's; its name and description are in the schema's file. */
function dateTime(): GraphQLScalarType<Date, Date> {
  const { serialize, parseValue, parseLiteral } = GraphQLDateTime;
  return { serialize, parseValue, parseLiteral } as GraphQLScalarType<Date, Date>;
}

/** By the nodes of the field in its document: the same for all logs of a page. Null where the rows have to be objects. */
const messageWriters = new WeakMap<readonly FieldNode[], WriteMessages | null>();

/** Rows become objects only where graphql-js has to execute one of their fields. */
function resolveMessages(
  { log: { messages } }: LogResult,
  _args: object,
  { response }: OperationContext,
  info: GraphQLResolveInfo,
): ViberMessage[] {
  const write = messagesWriterFor(info);
  if (write === null) return messages.decoded() as ViberMessage[];
  response.rows.add(responsePathAsArray(info.path), messages, write);
  return [];
}

function messagesWriterFor({
  schema,
  fragments,
  variableValues,
  fieldNodes,
}: GraphQLResolveInfo): WriteMessages | null {
  const known = messageWriters.get(fieldNodes);
  if (known !== undefined) return known;
  const selection = createSelector(schema, fragments, variableValues)('ViberMessage', fieldNodes);
  const write = selection && messagesWriterOf(selection);
  messageWriters.set(fieldNodes, write);
  return write;
}
