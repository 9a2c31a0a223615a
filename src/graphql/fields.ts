/**
 * The one table of fields: each field of each object type, and each root field, is defined here and nowhere else.
 *
 * From it derive the resolvers of graphql-js (resolvers.ts), the plans and writers of the fast path (selection.ts, fast-path/), and what an
 * operation costs (operation-cost.ts). The generated types check it: a field that is missing, or one with an argument that its kind does
 * not know, does not compile. When the gateway starts, field-check.ts compares it with the schema itself.
 */
import { columns, type ViberMessage } from '../d7/log/message-row.ts';
import type { LogResult, NoSuchLogResult } from '../d7/read-result.ts';
import type { ByGraphQLJs, Column, Field, Leaf, ListField, Message, Messages, ObjectField } from './field-kinds.ts';
import { followViberLog, readViberLog, readViberLogs, resultOfUpdate } from './reads.ts';
import type * as types from './schema-types.ts';
import { connectionOf, cursorOfEdge, type MessageEdge, type MessagePage } from './views/connection.ts';
import { rowsMatching } from './views/matching-rows.ts';
import { type CountrySummary, type LogSummary, type MessageFigures, summaryOf } from './views/summary.ts';

const leaf = <Source, Value>(read: (source: Source) => Value): Leaf<Source, Value> => ({ kind: 'leaf', read });
const column = (name: keyof ViberMessage): Column => ({ kind: 'column', column: columns[name] });

/** Of a log, or of a country. */
const figures = {
  messages: leaf(({ messages }) => messages),
  delivered: leaf(({ delivered }) => delivered),
  sent: leaf(({ sent }) => sent),
  undelivered: leaf(({ undelivered }) => undelivered),
  unknown: leaf(({ unknown }) => unknown),
  deliveryRate: leaf(({ deliveryRate }) => deliveryRate),
  parts: leaf(({ parts }) => parts),
  totalCost: leaf(({ totalCost }) => totalCost),
  messagesWithoutCost: leaf(({ messagesWithoutCost }) => messagesWithoutCost),
} satisfies Partial<FieldsOf<types.ViberLogSummaryResolvers, MessageFigures>>;

export const fields = {
  ViberLog: {
    requestId: leaf(({ log }) => log.requestId),
    totalRecipients: leaf(({ log }) => log.totalRecipients),
    channel: leaf(({ log }) => log.channel),
    fetchedAt: leaf(({ fetchedAt }) => fetchedAt),
    summary: {
      kind: 'object',
      type: 'ViberLogSummary',
      arguments: { filter: true },
      read: ({ log }, { filter }) => summaryOf(log, filter),
    },
    messages: {
      kind: 'messages',
      arguments: { filter: true },
      read: ({ log }, { filter }) => rowsMatching(log.messages, filter),
    },
    messagesConnection: {
      kind: 'object',
      type: 'ViberMessageConnection',
      arguments: { first: true, after: true, last: true, before: true, filter: true },
      read: ({ log }, page) => connectionOf(log.messages, page),
    },
  },
  ViberLogSummary: {
    ...figures,
    final: leaf(({ final }) => final),
    progress: leaf(({ progress }) => progress),
    byCountry: { kind: 'list', type: 'ViberCountrySummary', read: ({ byCountry }) => byCountry },
  },
  ViberCountrySummary: { ...figures, country: leaf(({ country }) => country) },
  ViberMessageConnection: {
    totalCount: leaf(({ totalCount }) => totalCount),
    nodes: { kind: 'messages', arguments: {}, read: ({ rows }) => rows },
    edges: { kind: 'list', type: 'ViberMessageEdge', read: ({ edges }) => edges() },
    pageInfo: { kind: 'object', type: 'PageInfo', arguments: {}, read: ({ pageInfo }) => pageInfo },
  },
  ViberMessageEdge: {
    cursor: leaf(cursorOfEdge),
    node: { kind: 'message', read: (edge) => edge },
  },
  PageInfo: {
    hasNextPage: leaf(({ hasNextPage }) => hasNextPage),
    hasPreviousPage: leaf(({ hasPreviousPage }) => hasPreviousPage),
    startCursor: leaf(({ startCursor }) => startCursor),
    endCursor: leaf(({ endCursor }) => endCursor),
  },
  NotFound: {
    requestId: leaf(({ noSuchLog }) => noSuchLog.requestId),
    code: leaf(({ noSuchLog }) => noSuchLog.code),
    message: leaf(({ noSuchLog }) => noSuchLog.message),
  },
  ViberMessage: {
    requestId: column('requestId'),
    msgId: column('msgId'),
    country: column('country'),
    recipient: column('recipient'),
    status: column('status'),
    rawStatus: column('rawStatus'),
    numberOfViberMessage: column('numberOfViberMessage'),
    viberCost: column('viberCost'),
    scheduleTime: column('scheduleTime'),
  },
} as const satisfies {
  [Type in keyof Sources]: FieldsOf<Required<types.Resolvers>[Type], Sources[Type]>;
};

/** Of the type that only federation has: a handle on a log, which costs no call by itself. */
export const federatedFields = {
  ViberRequest: {
    requestId: { kind: 'leaf', read: ({ requestId }) => requestId },
    log: { kind: 'log', requestId: ({ requestId }) => requestId },
  },
} as const satisfies { [Type in keyof FederatedSources]: Readonly<Record<string, Field<FederatedSources[Type]>>> };

export type FederatedSources = { ViberRequest: { requestId: string } };

/** What the fields of each type read from. */
export type Sources = {
  ViberLog: LogResult;
  ViberLogSummary: LogSummary;
  ViberCountrySummary: CountrySummary;
  ViberMessageConnection: MessagePage;
  ViberMessageEdge: MessageEdge;
  PageInfo: MessagePage['pageInfo'];
  NotFound: NoSuchLogResult;
  ViberMessage: ViberMessage;
};

export const rootFields = {
  Query: {
    viberLog: {
      items: 'requestId',
      fastPath: 'one',
      resolve: (_root, { requestId }, context) => readViberLog(requestId, context),
    },
    viberLogs: {
      items: 'requestIds',
      fastPath: 'several',
      resolve: (_root, { requestIds }, context) => readViberLogs(requestIds, context),
    },
  },
  Subscription: {
    viberLog: {
      items: 'requestId',
      fastPath: 'one',
      subscribe: (_root, { requestId }, context) => followViberLog(requestId, context),
      resolve: (update, _args, context) => resultOfUpdate(update, context),
    },
  },
} as const satisfies {
  Query: RootFieldsOf<types.QueryResolvers>;
  Subscription: RootFieldsOf<types.SubscriptionResolvers>;
};

/** What a field of an object type may be, by the resolver that was generated for it. */
type FieldsOf<Resolvers, Source> = {
  readonly [Name in Exclude<keyof Resolvers, '__isTypeOf'>]-?:
    | ByGraphQLJs<ResolverOf<Resolvers[Name]>>
    | FieldOf<ResultOf<Resolvers[Name]>, Source, GivenTo<Resolvers[Name]>>;
};
type FieldOf<Value, Source, Given> = [Value] extends [string | number | boolean | Date | null | undefined]
  ? [keyof Given] extends [never]
    ? Leaf<Source, Value> | ([Source] extends [ViberMessage] ? Column : never)
    : never
  : Value extends readonly types.ResolversTypes['ViberMessage'][]
    ? Messages<Source, Given> & AllArguments<Given>
    : Value extends types.ResolversTypes['ViberMessage']
      ? Message<Source>
      : Value extends readonly (infer Item)[]
        ? ListField<Source, Item> & { type: keyof Sources }
        : ObjectField<Source, Value, Given> & { type: keyof Sources } & AllArguments<Given>;
/** Neither more nor fewer than the schema has: one that is not read would be ignored. */
type AllArguments<Given> = { arguments: { readonly [Name in keyof Given]-?: true } };

/** What a root field has to state. A list of logs, or a log, is all that the fast path reads. */
type RootFieldsOf<Resolvers> = {
  readonly [Name in keyof Resolvers]-?: {
    items: (string & keyof ArgumentsOf<Resolvers[Name]>) | null;
  } & (NonNullable<Resolvers[Name]> extends infer Resolver
    ? Extract<Resolver, { subscribe: unknown; resolve: unknown }> extends never
      ? { resolve: ResolverOf<Resolvers[Name]>; fastPath?: FastPathOf<NonNullable<ResultOf<Resolvers[Name]>>> }
      : Extract<Resolver, { subscribe: unknown; resolve: unknown }> & { fastPath?: 'one' }
    : never);
};
type FastPathOf<Result> = [Result] extends [types.ResolversUnionTypes<never>['ViberLogResult']]
  ? 'one'
  : Result extends readonly unknown[]
    ? NonNullable<Awaited<Result[number]>> extends types.ResolversUnionTypes<never>['ViberLogResult']
      ? 'several'
      : never
    : never;

// biome-ignore-start lint/suspicious/noExplicitAny: these match any resolver
type ResolverOf<Resolver> = Extract<NonNullable<Resolver>, (...args: any[]) => unknown>;
type ResultOf<Resolver> = ResolverOf<Resolver> extends (...args: any[]) => infer Result ? Awaited<Result> : never;
type ArgumentsOf<Resolver> =
  ResolverOf<Resolver> extends (root: any, args: infer Arguments, ...rest: any[]) => any ? Arguments : never;
/** Without arguments the generated type is a record of never, with any key. */
type GivenTo<Resolver> = string extends keyof ArgumentsOf<Resolver> ? Record<never, never> : ArgumentsOf<Resolver>;
// biome-ignore-end lint/suspicious/noExplicitAny: these match any resolver
