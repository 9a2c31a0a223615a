/**
 * The resolvers of graphql-js, derived from the field table.
 */
import { type FieldNode, type GraphQLResolveInfo, type GraphQLScalarType, responsePathAsArray } from 'graphql';
import { GraphQLDateTime } from 'graphql-scalars';
import type { ViberMessage } from '../d7/log/message-row.ts';
import type { ReadResult } from '../d7/read-result.ts';
import { withoutRepetitions } from './changes.ts';
import type { OperationContext } from './context.ts';
import type { Field, MessageAt, Messages } from './field-kinds.ts';
import { fields, rootFields } from './fields.ts';
import { readViberLog } from './reads.ts';
import { messagesWriterOf, type WriteMessages } from './response/message-writer.ts';
import type { Resolvers, SubscriptionResolvers } from './schema-types.ts';
import { createSelector } from './selection.ts';
import type { MessageRows } from './views/matching-rows.ts';
import { settled } from './views/settled.ts';

const subscription = rootFields.Subscription.viberLog;

/** graphql-js gives the resolver each update as it comes. */
const subscribeToChanges: SubscriptionResolve = (root, args, context, info) =>
  withoutRepetitions(subscription.subscribe(root, args, context), context, info) as AsyncIterable<never>;
type SubscriptionResolve = Extract<NonNullable<SubscriptionResolvers['viberLog']>, { subscribe: unknown }>['subscribe'];

export const resolvers: Resolvers = {
  ...rootFields,
  Subscription: { viberLog: { ...subscription, subscribe: subscribeToChanges } },
  ...resolversOfTypes(),
  ViberLogResult: { __resolveType: typeOf },
  Error: { __resolveType: () => 'NotFound' },
  DateTime: dateTime(),
};

function resolversOfTypes(): object {
  // TypeScript does not see that the fields of a table have one source.
  const tables = Object.entries(fields) as unknown as [string, Readonly<Record<string, Field<unknown>>>][];
  const types = tables.map(([name, table]) => [name, resolversOf(table)]);
  return Object.fromEntries(types);
}

function typeOf({ kind }: ReadResult): 'ViberLog' | 'NotFound' {
  return kind === 'log' ? 'ViberLog' : 'NotFound';
}

export function resolversOf<Source>(table: Readonly<Record<string, Field<Source>>>): object {
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
      return createMessagesResolver(field.read);
    case 'message':
      return (source: Source) => decodedAt(field.read(source));
    case 'object':
      return (source: Source, given: Record<string, unknown>, context: OperationContext) =>
        settled(field.read(source, given), context);
    case 'list':
      return field.read;
    case 'log':
      return (source: Source, _given: object, context: OperationContext) =>
        readViberLog(field.requestId(source), context);
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
function createMessagesResolver<Source>(read: Messages<Source>['read']) {
  return (source: Source, given: Record<string, unknown>, context: OperationContext, info: GraphQLResolveInfo) => {
    const rows = settled(read(source, given), context);
    return rows instanceof Promise ? rows.then(resolve) : resolve(rows);

    function resolve(wanted: MessageRows): ViberMessage[] {
      const write = messagesWriterFor(info);
      if (write === null) return decoded(wanted);
      context.response.rows.add(responsePathAsArray(info.path), wanted, write);
      return [];
    }
  };
}

function decoded({ messages, starts }: MessageRows): ViberMessage[] {
  if (starts === 'all') return messages.decoded();
  return Array.from(starts, (start) => messages.decodedAt(start));
}

function decodedAt({ messages, start }: MessageAt): ViberMessage {
  return messages.decodedAt(start);
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
