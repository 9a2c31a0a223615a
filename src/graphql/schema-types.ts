/** Written by `npm run codegen` from schema/*.graphql. Not for editing by hand. */
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { LogResult, NoSuchLogResult } from '../d7/read-result.ts';
import type { OperationContext } from './context.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** A point in time as RFC 3339 in UTC, such as `2024-02-05T09:48:42.000Z`. */
  DateTime: { input: Date; output: Date; }
};

/** What every problem that is part of the data, and not of `errors`, can tell. */
export type Error = {
  /** A stable name of the problem, to branch on in code. */
  code: Scalars['String']['output'];
  /** The problem in words, for people to read. It may change; branch on `code`. */
  message: Scalars['String']['output'];
};

/**
 * D7 answered that it has no such log. A log that was just sent may not be there yet.
 * Only D7's own statement becomes `NotFound`; an answer that merely looks like it is an `UPSTREAM_BAD_RESPONSE` in `errors`.
 */
export type NotFound = Error & {
  __typename?: 'NotFound';
  /** D7's own code, `VIBER_MESSAGE_LOG_NOT_EXISTS` as far as D7 documents it. Source: `detail.code` of the 404. */
  code: Scalars['String']['output'];
  /** D7's own sentence. Source: `detail.message` of the 404. */
  message: Scalars['String']['output'];
  /** The id that was asked for. */
  requestId: Scalars['ID']['output'];
};

/**
 * What became of Viber messages that were sent through D7 Networks. Every field of it needs the caller's D7 API token, in the
 * header `Authorization: Bearer <token>`, and reads what that token may read.
 */
export type Query = {
  __typename?: 'Query';
  /**
   * The delivery log of one Viber send request.
   *
   * Null, with an entry in `errors`, when the log could not be read: `errors[].extensions.code` then says why.
   * A log that does not exist is no error; it answers `NotFound`.
   * Costs one call to D7, shared with every other field of the operation that asks for the same id.
   */
  viberLog?: Maybe<ViberLogResult>;
  /**
   * The delivery logs of several Viber send requests, one item for each id, in the order asked.
   *
   * Each item fails on its own: it is null, with its own entry in `errors` whose `path` ends with the item's index.
   * The whole list is null only when no item was tried: no usable token, or too many ids.
   * D7 has no bulk call, so this costs one call for each distinct id.
   */
  viberLogs?: Maybe<Array<Maybe<ViberLogResult>>>;
};


/**
 * What became of Viber messages that were sent through D7 Networks. Every field of it needs the caller's D7 API token, in the
 * header `Authorization: Bearer <token>`, and reads what that token may read.
 */
export type QueryViberLogArgs = {
  requestId: Scalars['ID']['input'];
};


/**
 * What became of Viber messages that were sent through D7 Networks. Every field of it needs the caller's D7 API token, in the
 * header `Authorization: Bearer <token>`, and reads what that token may read.
 */
export type QueryViberLogsArgs = {
  requestIds: Array<Scalars['ID']['input']>;
};

/**
 * A delivery log as it moves. Over SSE the token is in the header `Authorization`, as for `Query`; over WebSocket (graphql-ws) it
 * comes as `Authorization` in the payload of `connection_init`.
 */
export type Subscription = {
  __typename?: 'Subscription';
  /**
   * The log now, and again each time it changes, until it is final: then the server completes the stream.
   *
   * `NotFound` is sent once; D7 is asked again for 30 seconds, since a log that was just sent may not be there yet, and then the
   * stream completes. It completes after 15 minutes, too, and when the server stops: subscribe anew to follow a log that is not
   * final yet. (Both times are the operator's to change.)
   * While D7 fails for a moment nothing is sent. When D7 refuses the token, or fails for two minutes, the last event is null
   * with an entry in `errors`, whose `extensions.code` says why.
   * All who follow one log with one token share its calls to D7: one a second after a change, fewer while nothing moves. Who
   * reads slowly gets the newest state, and misses those between.
   */
  viberLog?: Maybe<ViberLogResult>;
};


/**
 * A delivery log as it moves. Over SSE the token is in the header `Authorization`, as for `Query`; over WebSocket (graphql-ws) it
 * comes as `Authorization` in the payload of `connection_init`.
 */
export type SubscriptionViberLogArgs = {
  requestId: Scalars['ID']['input'];
};

/** The delivery log of one Viber send request: what became of the message at each recipient. */
export type ViberLog = {
  __typename?: 'ViberLog';
  /**
   * The messaging channel in D7's own words, normally `viber`. Free text and no enum: D7's own example says `sms`.
   * Source: `channel`.
   */
  channel: Scalars['String']['output'];
  /**
   * When D7 gave this answer, in UTC. The gateway may have kept it since: a final log for a minute, one that can still change
   * for a second, unless the operator set other times. `Cache-Control: no-cache` on the request has D7 asked anew.
   */
  fetchedAt: Scalars['DateTime']['output'];
  /** One entry for each message, in D7's order. Empty when D7 lists none yet. Source: `messages`. */
  messages: Array<ViberMessage>;
  /** The id of the send request, the same that was asked for. Source: `request_id`. */
  requestId: Scalars['ID']['output'];
  /**
   * How many recipients the send request had. It may differ from the number of `messages`, while D7 is still working on
   * the request, for instance. Source: `total_recipients`.
   */
  totalRecipients: Scalars['Int']['output'];
};

/** What asking for a log answers: the log, or the statement that D7 has none under this id for this token. */
export type ViberLogResult = NotFound | ViberLog;

/** One message of a send request, to one recipient. */
export type ViberMessage = {
  __typename?: 'ViberMessage';
  /** The destination's country as an ISO 3166-1 alpha-2 code such as `AE`. Null when D7 does not say. Source: `country`. */
  country?: Maybe<Scalars['String']['output']>;
  /** D7's id of this message. Source: `msg_id`. */
  msgId: Scalars['ID']['output'];
  /**
   * In how many parts the message was sent: one for each 1000 characters begun. Source: `number_of_viber_message`, which
   * D7 also spells `number_of_sms`.
   */
  numberOfViberMessage: Scalars['Int']['output'];
  /** The status as D7 wrote it, letter by letter. Source: `status`. */
  rawStatus: Scalars['String']['output'];
  /**
   * The destination's phone number, in E.164 (`+971509752600`) or with its last digits masked (`+9715097526xx`), as D7
   * gives it. Personal data. Source: `recipient`.
   */
  recipient: Scalars['String']['output'];
  /** The id of the send request that it belongs to. Source: `request_id` of the log. */
  requestId: Scalars['ID']['output'];
  /**
   * When the message is scheduled to be sent, in UTC. Null when it is not scheduled, and when D7's text is no time, which
   * the operator's log then tells. Source: `schedule_time`.
   */
  scheduleTime?: Maybe<Scalars['DateTime']['output']>;
  /**
   * How far the message has come. Never null: a status that this schema does not know is `UNKNOWN`, with D7's text in
   * `rawStatus`. Source: `status`.
   */
  status: ViberMessageStatus;
  /**
   * What this message cost, in the currency of the D7 account, which D7 does not name. A decimal such as `0.0004`; sum it
   * as decimals, since binary floating point drifts. Source: `viber_cost`.
   */
  viberCost: Scalars['Float']['output'];
};

/** How far a message has come. */
export type ViberMessageStatus =
  /** Confirmed at the recipient's device. Final. Source: `delivered`. */
  | 'DELIVERED'
  /** Handed to Viber, which has not acknowledged it yet. Not final. Source: `sent`. */
  | 'SENT'
  /** Failed; the recipient will not get it. Final. Source: `undelivered`. */
  | 'UNDELIVERED'
  /** D7 used a word that is none of the three. Treat it as not final, and read `rawStatus`. */
  | 'UNKNOWN';



export type ResolverTypeWrapper<T> = Promise<T> | T;


export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;



/** Mapping of union types */
export type ResolversUnionTypes<_RefType extends Record<string, unknown>> = {
  ViberLogResult:
    | ( NoSuchLogResult )
    | ( LogResult )
  ;
};

/** Mapping of interface types */
export type ResolversInterfaceTypes<_RefType extends Record<string, unknown>> = {
  Error: ( NoSuchLogResult );
};

/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  Error: ResolverTypeWrapper<ResolversInterfaceTypes<ResolversTypes>['Error']>;
  Float: ResolverTypeWrapper<Scalars['Float']['output']>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  NotFound: ResolverTypeWrapper<NoSuchLogResult>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  ViberLog: ResolverTypeWrapper<LogResult>;
  ViberLogResult: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['ViberLogResult']>;
  ViberMessage: ResolverTypeWrapper<ViberMessage>;
  ViberMessageStatus: ViberMessageStatus;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  Boolean: Scalars['Boolean']['output'];
  DateTime: Scalars['DateTime']['output'];
  Error: ResolversInterfaceTypes<ResolversParentTypes>['Error'];
  Float: Scalars['Float']['output'];
  ID: Scalars['ID']['output'];
  Int: Scalars['Int']['output'];
  NotFound: NoSuchLogResult;
  Query: Record<PropertyKey, never>;
  String: Scalars['String']['output'];
  Subscription: Record<PropertyKey, never>;
  ViberLog: LogResult;
  ViberLogResult: ResolversUnionTypes<ResolversParentTypes>['ViberLogResult'];
  ViberMessage: ViberMessage;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type ErrorResolvers<ContextType = OperationContext, ParentType extends ResolversParentTypes['Error'] = ResolversParentTypes['Error']> = {
  __resolveType: TypeResolveFn<'NotFound', ParentType, ContextType>;
};

export type NotFoundResolvers<ContextType = OperationContext, ParentType extends ResolversParentTypes['NotFound'] = ResolversParentTypes['NotFound']> = {
  code?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  requestId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type QueryResolvers<ContextType = OperationContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  viberLog?: Resolver<Maybe<ResolversTypes['ViberLogResult']>, ParentType, ContextType, RequireFields<QueryViberLogArgs, 'requestId'>>;
  viberLogs?: Resolver<Maybe<Array<Maybe<ResolversTypes['ViberLogResult']>>>, ParentType, ContextType, RequireFields<QueryViberLogsArgs, 'requestIds'>>;
};

export type SubscriptionResolvers<ContextType = OperationContext, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  viberLog?: SubscriptionResolver<Maybe<ResolversTypes['ViberLogResult']>, "viberLog", ParentType, ContextType, RequireFields<SubscriptionViberLogArgs, 'requestId'>>;
};

export type ViberLogResolvers<ContextType = OperationContext, ParentType extends ResolversParentTypes['ViberLog'] = ResolversParentTypes['ViberLog']> = {
  channel?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  fetchedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  messages?: Resolver<Array<ResolversTypes['ViberMessage']>, ParentType, ContextType>;
  requestId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  totalRecipients?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ViberLogResultResolvers<ContextType = OperationContext, ParentType extends ResolversParentTypes['ViberLogResult'] = ResolversParentTypes['ViberLogResult']> = {
  __resolveType: TypeResolveFn<'NotFound' | 'ViberLog', ParentType, ContextType>;
};

export type ViberMessageResolvers<ContextType = OperationContext, ParentType extends ResolversParentTypes['ViberMessage'] = ResolversParentTypes['ViberMessage']> = {
  country?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  msgId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  numberOfViberMessage?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  rawStatus?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  recipient?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  requestId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  scheduleTime?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  status?: Resolver<ResolversTypes['ViberMessageStatus'], ParentType, ContextType>;
  viberCost?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
};

export type Resolvers<ContextType = OperationContext> = {
  DateTime?: GraphQLScalarType;
  Error?: ErrorResolvers<ContextType>;
  NotFound?: NotFoundResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  ViberLog?: ViberLogResolvers<ContextType>;
  ViberLogResult?: ViberLogResultResolvers<ContextType>;
  ViberMessage?: ViberMessageResolvers<ContextType>;
};

