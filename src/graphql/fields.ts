/**
 * The one table of fields: each field of ViberLog, NotFound and ViberMessage, and each root field, is defined here and nowhere else.
 *
 * From it derive the resolvers of graphql-js (resolvers.ts), the plans and writers of the fast path (selection.ts, fast-path/), and what an
 * operation costs (operation-cost.ts). The generated types check it: a field that is missing, or one with an argument that its kind does
 * not know, does not compile. When the gateway starts, field-check.ts compares it with the schema itself.
 */
import { columns, type ViberMessage } from '../d7/log/message-row.ts';
import type { LogResult, NoSuchLogResult } from '../d7/read-result.ts';
import type { ByGraphQLJs, Column, Leaf, Messages } from './field-kinds.ts';
import { followViberLog, readViberLog, readViberLogs, resultOfUpdate } from './reads.ts';
import type * as types from './schema-types.ts';

const leaf = <Source, Value>(read: (source: Source) => Value): Leaf<Source, Value> => ({ kind: 'leaf', read });
const column = (name: keyof ViberMessage): Column => ({ kind: 'column', column: columns[name] });

export const fields = {
  ViberLog: {
    requestId: leaf(({ log }) => log.requestId),
    totalRecipients: leaf(({ log }) => log.totalRecipients),
    channel: leaf(({ log }) => log.channel),
    fetchedAt: leaf(({ fetchedAt }) => fetchedAt),
    messages: { kind: 'messages' },
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
  ViberLog: FieldsOf<types.ViberLogResolvers, LogResult>;
  NotFound: FieldsOf<types.NotFoundResolvers, NoSuchLogResult>;
  ViberMessage: FieldsOf<types.ViberMessageResolvers, ViberMessage>;
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
    | (TakesArguments<Resolvers[Name]> extends true ? never : FieldOf<ResultOf<Resolvers[Name]>, Source>);
};
type FieldOf<Value, Source> = [Value] extends [string | number | boolean | Date | null | undefined]
  ? Leaf<Source, Value> | ([Source] extends [ViberMessage] ? Column : never)
  : Value extends readonly types.ResolversTypes['ViberMessage'][]
    ? Messages
    : never;

/** What a root field has to state. A list of logs, or a log, is all that the fast path reads. */
type RootFieldsOf<Resolvers> = {
  readonly [Name in keyof Resolvers]-?: {
    items: (string & keyof ArgumentsOf<Resolvers[Name]>) | null;
    fastPath?: FastPathOf<NonNullable<ResultOf<Resolvers[Name]>>>;
  } & (NonNullable<Resolvers[Name]> extends infer Resolver
    ? Extract<Resolver, { subscribe: unknown; resolve: unknown }> extends never
      ? { resolve: ResolverOf<Resolvers[Name]> }
      : Extract<Resolver, { subscribe: unknown; resolve: unknown }>
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
type TakesArguments<Resolver> = string extends keyof ArgumentsOf<Resolver> ? false : true;
// biome-ignore-end lint/suspicious/noExplicitAny: these match any resolver
