/** Written by `npm run codegen` from schema/*.graphql. Not for editing by hand. */
import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { LogResult, NoSuchLogResult } from '../d7/read-result.ts';
import type { LogSummary, CountrySummary } from './views/summary.ts';
import type { MessagePage, MessageEdge } from './views/connection.ts';
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

/** A problem that is part of the data, and not an entry in `errors`. */
export type Error = {
  /** A stable name of the problem, for programs. */
  code: Scalars['String']['output'];
  /** A description of the problem, for people. It may change, so programs should use `code`. */
  message: Scalars['String']['output'];
};

/**
 * D7 has no log with this id. The log of a new request may appear later.
 * Only a 404 with D7's error body becomes `NotFound`. Any other 404 is an `UPSTREAM_BAD_RESPONSE` in `errors`.
 */
export type NotFound = Error & {
  __typename?: 'NotFound';
  /** D7's error code. D7 documents `VIBER_MESSAGE_LOG_NOT_EXISTS`. Source: `detail.code` of the 404. */
  code: Scalars['String']['output'];
  /** D7's error message. Source: `detail.message` of the 404. */
  message: Scalars['String']['output'];
  /** The requested id. */
  requestId: Scalars['ID']['output'];
};

/** Where a page lies, as the Relay specification for connections has it. */
export type PageInfo = {
  __typename?: 'PageInfo';
  /** The cursor of the last message. Null if the page is empty. */
  endCursor?: Maybe<Scalars['String']['output']>;
  /** Whether there are messages after the page. */
  hasNextPage: Scalars['Boolean']['output'];
  /** Whether there are messages before the page. */
  hasPreviousPage: Scalars['Boolean']['output'];
  /** The cursor of the first message. Null if the page is empty. */
  startCursor?: Maybe<Scalars['String']['output']>;
};

/**
 * The delivery of Viber messages that were sent through D7 Networks. Every field needs the caller's D7 API token, in the header
 * `Authorization: Bearer <token>`, and reads only what that token may read.
 */
export type Query = {
  __typename?: 'Query';
  /**
   * The delivery log of one Viber send request.
   *
   * Null if the log could not be read; then `errors` has an entry with the reason in `extensions.code`.
   * A log that does not exist is not an error: the result is `NotFound`.
   * Costs one call to D7, which all fields of the operation with the same id share.
   */
  viberLog?: Maybe<ViberLogResult>;
  /**
   * The delivery logs of several Viber send requests: one item for each id, in the order of the ids.
   *
   * Each item can fail independently: then it is null, and `errors` has an entry whose `path` ends with the item's index.
   * The whole list is null only if no item was read, because there is no valid token or there are too many ids.
   * D7 has no bulk call, so this costs one call for each distinct id.
   */
  viberLogs?: Maybe<Array<Maybe<ViberLogResult>>>;
};


/**
 * The delivery of Viber messages that were sent through D7 Networks. Every field needs the caller's D7 API token, in the header
 * `Authorization: Bearer <token>`, and reads only what that token may read.
 */
export type QueryViberLogArgs = {
  requestId: Scalars['ID']['input'];
};


/**
 * The delivery of Viber messages that were sent through D7 Networks. Every field needs the caller's D7 API token, in the header
 * `Authorization: Bearer <token>`, and reads only what that token may read.
 */
export type QueryViberLogsArgs = {
  requestIds: Array<Scalars['ID']['input']>;
};

/**
 * Changes of a delivery log. Over SSE the token is in the header `Authorization`, as for `Query`. Over WebSocket (graphql-ws) it is
 * in the property `Authorization` of the payload of `connection_init`.
 */
export type Subscription = {
  __typename?: 'Subscription';
  /**
   * The current log, and the log again after each change. The stream completes when the log is final.
   *
   * If the log does not exist, the stream sends `NotFound` once and the server polls D7 for 30 seconds, since the log of a new
   * request may appear later. Then the stream completes. It also completes after 15 minutes, and when the server stops:
   * subscribe again to a log that is not final. (The operator can change both times.)
   * A subscription that selects no whole list of messages gets an event only when something that it selects has changed, `fetchedAt` aside.
   * A transient failure of D7 sends no event. If D7 refuses the token, or fails for two minutes, the last event is null, with
   * an entry in `errors` and the reason in `extensions.code`.
   * All subscriptions to one log with one token share the calls to D7: one a second after a change, fewer while the log does
   * not change. A slow consumer gets the latest state, and misses earlier ones.
   */
  viberLog?: Maybe<ViberLogResult>;
};


/**
 * Changes of a delivery log. Over SSE the token is in the header `Authorization`, as for `Query`. Over WebSocket (graphql-ws) it is
 * in the property `Authorization` of the payload of `connection_init`.
 */
export type SubscriptionViberLogArgs = {
  requestId: Scalars['ID']['input'];
};

/** The figures of the messages to one country. */
export type ViberCountrySummary = {
  __typename?: 'ViberCountrySummary';
  /** The country as in `ViberMessage.country`. Null: D7 does not state it. */
  country?: Maybe<Scalars['String']['output']>;
  /** As in `ViberLogSummary`. */
  delivered: Scalars['Int']['output'];
  /** As in `ViberLogSummary`. */
  deliveryRate?: Maybe<Scalars['Float']['output']>;
  /** As in `ViberLogSummary`. */
  messages: Scalars['Int']['output'];
  /** As in `ViberLogSummary`. */
  messagesWithoutCost: Scalars['Int']['output'];
  /** As in `ViberLogSummary`. */
  parts: Scalars['Int']['output'];
  /** As in `ViberLogSummary`. */
  sent: Scalars['Int']['output'];
  /** As in `ViberLogSummary`. */
  totalCost: Scalars['Float']['output'];
  /** As in `ViberLogSummary`. */
  undelivered: Scalars['Int']['output'];
  /** As in `ViberLogSummary`. */
  unknown: Scalars['Int']['output'];
};

/** The delivery log of one Viber send request: the status of the message for each recipient. */
export type ViberLog = {
  __typename?: 'ViberLog';
  /**
   * The messaging channel as D7 sends it, normally `viber`. It is free text and not an enum: in D7's own example it is `sms`.
   * Null if D7 sends no text. Source: `channel`.
   */
  channel?: Maybe<Scalars['String']['output']>;
  /**
   * When D7 sent this log, in UTC. The gateway caches a final log for a minute, and one that can still change for a second,
   * unless the operator has set other times. A request with `Cache-Control: no-cache` bypasses the cache.
   */
  fetchedAt: Scalars['DateTime']['output'];
  /**
   * One item for each message, or for each that matches the filter, in D7's order. Empty if D7 lists no message yet. Source:
   * `messages`.
   */
  messages: Array<ViberMessage>;
  /**
   * The same messages in pages, as the Relay specification for connections has it.
   *
   * A page has at most 500 messages: `first` or `last`. Without both it has the first 50 after `after`; with `before` alone, the
   * last 50 before it. Anything else is a `BAD_USER_INPUT`, and so is a cursor whose message the log no longer has.
   */
  messagesConnection: ViberMessageConnection;
  /** The id of the send request, equal to the requested one. Source: `request_id`. */
  requestId: Scalars['ID']['output'];
  /**
   * The figures of the log, computed by the gateway from D7's current list: of all messages, or of those that match the filter.
   * Clients that ask for the same log share the computation.
   */
  summary: ViberLogSummary;
  /**
   * The number of recipients of the send request. It may differ from the number of `messages`, for instance while D7 is still
   * processing the request. Null if D7 sends no valid number; then a subscription to this log does not end by itself, since
   * more messages may follow. Source: `total_recipients`.
   */
  totalRecipients?: Maybe<Scalars['Int']['output']>;
};


/** The delivery log of one Viber send request: the status of the message for each recipient. */
export type ViberLogMessagesArgs = {
  filter?: InputMaybe<ViberMessageFilter>;
};


/** The delivery log of one Viber send request: the status of the message for each recipient. */
export type ViberLogMessagesConnectionArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<ViberMessageFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
};


/** The delivery log of one Viber send request: the status of the message for each recipient. */
export type ViberLogSummaryArgs = {
  filter?: InputMaybe<ViberMessageFilter>;
};

/** The result of reading a log: the log, or `NotFound` if D7 has no log with this id for this token. */
export type ViberLogResult = NotFound | ViberLog;

/**
 * The figures of all messages of a log, or of those that match a filter. They count what D7 says now: if D7 takes back a status
 * (`delivered`, then `sent`), the figures go back, too.
 */
export type ViberLogSummary = {
  __typename?: 'ViberLogSummary';
  /** The same figures for each country, in the order of the country codes. Messages without a country come last. */
  byCountry: Array<ViberCountrySummary>;
  /** The number of messages with the status `DELIVERED`. */
  delivered: Scalars['Int']['output'];
  /** delivered / (delivered + undelivered), from 0 to 1. Null while both are 0. */
  deliveryRate?: Maybe<Scalars['Float']['output']>;
  /**
   * Whether no status in these figures can change any more: D7 lists a message for each recipient, and each that meets the conditions other than
   * `status` is delivered or undelivered. False while D7 lists no message, and if `totalRecipients` is null.
   */
  final: Scalars['Boolean']['output'];
  /** The number of messages that D7 lists. It may be smaller than `totalRecipients`, while D7 is still processing the request. */
  messages: Scalars['Int']['output'];
  /** The number of messages whose `viberCost` is null. */
  messagesWithoutCost: Scalars['Int']['output'];
  /** The sum of `numberOfViberMessage`, where D7 states it. At most 2147483647, the largest `Int`. */
  parts: Scalars['Int']['output'];
  /**
   * The share of the recipients whose message has reached a final status, from 0 to 1. The number of recipients is `totalRecipients`,
   * or the number of messages if that is larger. With a filter it is the number of messages that match. Without any, the
   * progress is 1 if the log is final, and otherwise 0.
   */
  progress: Scalars['Float']['output'];
  /** The number of messages with the status `SENT`: handed over, and no receipt yet. There may never be one. */
  sent: Scalars['Int']['output'];
  /**
   * The exact decimal sum of the known costs, in the currency of the D7 account: ten times `0.0001` is `0.001`. Messages whose cost
   * D7 does not state are not in it: see `messagesWithoutCost`.
   */
  totalCost: Scalars['Float']['output'];
  /** The number of messages with the status `UNDELIVERED`. */
  undelivered: Scalars['Int']['output'];
  /** The number of messages with the status `UNKNOWN`. */
  unknown: Scalars['Int']['output'];
};

/** One message of a send request, to one recipient. */
export type ViberMessage = {
  __typename?: 'ViberMessage';
  /** The recipient's country as an ISO 3166-1 alpha-2 code such as `AE`. Null if D7 sends no text. Source: `country`. */
  country?: Maybe<Scalars['String']['output']>;
  /** D7's id of this message. Source: `msg_id`. */
  msgId: Scalars['ID']['output'];
  /**
   * The number of parts of the message, each of up to 1000 characters. Null if D7 sends no valid number. Source:
   * `number_of_viber_message`, which D7 also calls `number_of_sms`.
   */
  numberOfViberMessage?: Maybe<Scalars['Int']['output']>;
  /** The status exactly as D7 sends it. Null if D7 sends no text. Source: `status`. */
  rawStatus?: Maybe<Scalars['String']['output']>;
  /**
   * The recipient's phone number as D7 sends it: in E.164 (`+971509752600`), or with its last digits masked
   * (`+9715097526xx`). Null if D7 sends neither a text nor a number. Personal data. Source: `recipient`.
   */
  recipient?: Maybe<Scalars['String']['output']>;
  /** The id of the send request. Source: `request_id` of the log. */
  requestId: Scalars['ID']['output'];
  /**
   * When the message is scheduled to be sent, in UTC. Null if it is not scheduled, or if D7's value is not a valid time with an
   * offset; the gateway logs the latter. Source: `schedule_time`.
   */
  scheduleTime?: Maybe<Scalars['DateTime']['output']>;
  /**
   * The delivery status. Never null: a status that this schema does not define is `UNKNOWN`, and `rawStatus` has D7's text. It
   * is also `UNKNOWN` if D7 sends no text. Source: `status`.
   */
  status: ViberMessageStatus;
  /**
   * The cost of this message in the currency of the D7 account, which D7 does not name. A decimal such as `0.0004`. Add costs
   * with decimal arithmetic, since binary floating point accumulates rounding errors. Null if D7 sends no valid number, for
   * instance before it has billed the message: then the cost is unknown, and not 0. Source: `viber_cost`.
   */
  viberCost?: Maybe<Scalars['Float']['output']>;
};

/** A page of messages, as the Relay specification for connections has it. */
export type ViberMessageConnection = {
  __typename?: 'ViberMessageConnection';
  /** The messages of the page, each with its cursor. */
  edges: Array<ViberMessageEdge>;
  /** The messages of the page, in D7's order. */
  nodes: Array<ViberMessage>;
  /** Where the page lies. */
  pageInfo: PageInfo;
  /** The number of messages in all pages together. With a filter, of those that match. */
  totalCount: Scalars['Int']['output'];
};

/** A message in a page. */
export type ViberMessageEdge = {
  __typename?: 'ViberMessageEdge';
  /**
   * Identifies the message, and not its position: pages stay correct while the log changes. An opaque text, valid as long as the log has
   * the message.
   */
  cursor: Scalars['String']['output'];
  /** The message. */
  node: ViberMessage;
};

/**
 * Which messages to take: those that meet every condition. A condition that is null or absent is met by all messages, and an empty list
 * by none.
 */
export type ViberMessageFilter = {
  /** The country is one of these, written as D7 writes it (`AE`). A message without a country meets no such condition. */
  country?: InputMaybe<Array<Scalars['String']['input']>>;
  /** The id of the message is one of these. */
  msgId?: InputMaybe<Array<Scalars['ID']['input']>>;
  /** The recipient contains this text. A message without a recipient meets no such condition. */
  recipientContains?: InputMaybe<Scalars['String']['input']>;
  /** The status is one of these. */
  status?: InputMaybe<Array<ViberMessageStatus>>;
};

/** The delivery status of a message. */
export type ViberMessageStatus =
  /** The recipient's device has confirmed the message. Final. Source: `delivered`. */
  | 'DELIVERED'
  /**
   * D7 has handed the message over to Viber, and there is no receipt yet. Not final, but it may never change: a device that stays off
   * gives no receipt. Source: `sent`.
   */
  | 'SENT'
  /** Delivery has failed, and the recipient will not get the message. Final. Source: `undelivered`. */
  | 'UNDELIVERED'
  /** D7 sent none of the three statuses above. Treat it as not final, and use `rawStatus`, which may be null. */
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
  PageInfo: ResolverTypeWrapper<PageInfo>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  ViberCountrySummary: ResolverTypeWrapper<CountrySummary>;
  ViberLog: ResolverTypeWrapper<LogResult>;
  ViberLogResult: ResolverTypeWrapper<ResolversUnionTypes<ResolversTypes>['ViberLogResult']>;
  ViberLogSummary: ResolverTypeWrapper<LogSummary>;
  ViberMessage: ResolverTypeWrapper<ViberMessage>;
  ViberMessageConnection: ResolverTypeWrapper<MessagePage>;
  ViberMessageEdge: ResolverTypeWrapper<MessageEdge>;
  ViberMessageFilter: ViberMessageFilter;
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
  PageInfo: PageInfo;
  Query: Record<PropertyKey, never>;
  String: Scalars['String']['output'];
  Subscription: Record<PropertyKey, never>;
  ViberCountrySummary: CountrySummary;
  ViberLog: LogResult;
  ViberLogResult: ResolversUnionTypes<ResolversParentTypes>['ViberLogResult'];
  ViberLogSummary: LogSummary;
  ViberMessage: ViberMessage;
  ViberMessageConnection: MessagePage;
  ViberMessageEdge: MessageEdge;
  ViberMessageFilter: ViberMessageFilter;
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

export type PageInfoResolvers<ContextType = OperationContext, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type QueryResolvers<ContextType = OperationContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  viberLog?: Resolver<Maybe<ResolversTypes['ViberLogResult']>, ParentType, ContextType, RequireFields<QueryViberLogArgs, 'requestId'>>;
  viberLogs?: Resolver<Maybe<Array<Maybe<ResolversTypes['ViberLogResult']>>>, ParentType, ContextType, RequireFields<QueryViberLogsArgs, 'requestIds'>>;
};

export type SubscriptionResolvers<ContextType = OperationContext, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  viberLog?: SubscriptionResolver<Maybe<ResolversTypes['ViberLogResult']>, "viberLog", ParentType, ContextType, RequireFields<SubscriptionViberLogArgs, 'requestId'>>;
};

export type ViberCountrySummaryResolvers<ContextType = OperationContext, ParentType extends ResolversParentTypes['ViberCountrySummary'] = ResolversParentTypes['ViberCountrySummary']> = {
  country?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  delivered?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  deliveryRate?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  messages?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  messagesWithoutCost?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  parts?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  sent?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  totalCost?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  undelivered?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  unknown?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ViberLogResolvers<ContextType = OperationContext, ParentType extends ResolversParentTypes['ViberLog'] = ResolversParentTypes['ViberLog']> = {
  channel?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  fetchedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  messages?: Resolver<Array<ResolversTypes['ViberMessage']>, ParentType, ContextType, Partial<ViberLogMessagesArgs>>;
  messagesConnection?: Resolver<ResolversTypes['ViberMessageConnection'], ParentType, ContextType, Partial<ViberLogMessagesConnectionArgs>>;
  requestId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  summary?: Resolver<ResolversTypes['ViberLogSummary'], ParentType, ContextType, Partial<ViberLogSummaryArgs>>;
  totalRecipients?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ViberLogResultResolvers<ContextType = OperationContext, ParentType extends ResolversParentTypes['ViberLogResult'] = ResolversParentTypes['ViberLogResult']> = {
  __resolveType: TypeResolveFn<'NotFound' | 'ViberLog', ParentType, ContextType>;
};

export type ViberLogSummaryResolvers<ContextType = OperationContext, ParentType extends ResolversParentTypes['ViberLogSummary'] = ResolversParentTypes['ViberLogSummary']> = {
  byCountry?: Resolver<Array<ResolversTypes['ViberCountrySummary']>, ParentType, ContextType>;
  delivered?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  deliveryRate?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
  final?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  messages?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  messagesWithoutCost?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  parts?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  progress?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  sent?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  totalCost?: Resolver<ResolversTypes['Float'], ParentType, ContextType>;
  undelivered?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  unknown?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ViberMessageResolvers<ContextType = OperationContext, ParentType extends ResolversParentTypes['ViberMessage'] = ResolversParentTypes['ViberMessage']> = {
  country?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  msgId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  numberOfViberMessage?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  rawStatus?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  recipient?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  requestId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  scheduleTime?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  status?: Resolver<ResolversTypes['ViberMessageStatus'], ParentType, ContextType>;
  viberCost?: Resolver<Maybe<ResolversTypes['Float']>, ParentType, ContextType>;
};

export type ViberMessageConnectionResolvers<ContextType = OperationContext, ParentType extends ResolversParentTypes['ViberMessageConnection'] = ResolversParentTypes['ViberMessageConnection']> = {
  edges?: Resolver<Array<ResolversTypes['ViberMessageEdge']>, ParentType, ContextType>;
  nodes?: Resolver<Array<ResolversTypes['ViberMessage']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ViberMessageEdgeResolvers<ContextType = OperationContext, ParentType extends ResolversParentTypes['ViberMessageEdge'] = ResolversParentTypes['ViberMessageEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['ViberMessage'], ParentType, ContextType>;
};

export type Resolvers<ContextType = OperationContext> = {
  DateTime?: GraphQLScalarType;
  Error?: ErrorResolvers<ContextType>;
  NotFound?: NotFoundResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  ViberCountrySummary?: ViberCountrySummaryResolvers<ContextType>;
  ViberLog?: ViberLogResolvers<ContextType>;
  ViberLogResult?: ViberLogResultResolvers<ContextType>;
  ViberLogSummary?: ViberLogSummaryResolvers<ContextType>;
  ViberMessage?: ViberMessageResolvers<ContextType>;
  ViberMessageConnection?: ViberMessageConnectionResolvers<ContextType>;
  ViberMessageEdge?: ViberMessageEdgeResolvers<ContextType>;
};

