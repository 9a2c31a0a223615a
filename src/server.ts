/**
 * The composition root: settings and parts in, a server that speaks GraphQL out.
 */
import { existsSync } from 'node:fs';
import { BytesInFlight } from './bytes-in-flight.ts';
import type { Config } from './config.ts';
import { createD7Client } from './d7/client.ts';
import { ConfigError } from './environment.ts';
import { type CreateContext, createContextFactory } from './graphql/context.ts';
import { createDocumentCaches } from './graphql/document-cache.ts';
import { createDocumentCheck, type DocumentCheck } from './graphql/document-check.ts';
import { DocumentTurns } from './graphql/document-turns.ts';
import { createAutomaticDocuments, createTrustedDocuments, type Documents } from './graphql/documents.ts';
import { PreparedOperations } from './graphql/fast-path/prepared-operations.ts';
import { createQueryRunner } from './graphql/fast-path/query-runner.ts';
import { createResponseCache } from './graphql/fast-path/response-cache.ts';
import { createSubscriptionRunner } from './graphql/fast-path/subscription-runner.ts';
import { createMaskError, type MaskError } from './graphql/mask-error.ts';
import { type CostOf, createOperationCost } from './graphql/operation-cost.ts';
import { createOperationLog, type LogOperation } from './graphql/operation-log.ts';
import { createRateLimit, type RateLimit } from './graphql/rate-limit.ts';
import { createResponses, type Responses } from './graphql/response/responses.ts';
import { createViberLogSchema, type ViberLogSchema } from './graphql/schema.ts';
import { type BoardHints, createBoardFiles } from './inbound/board-files.ts';
import { createCompression } from './inbound/compression.ts';
import { createFastPath, type Runners } from './inbound/fast-path.ts';
import type { GraphiQLOptions } from './inbound/graphiql.ts';
import { openListener } from './inbound/listener.ts';
import type { MetricsListener } from './inbound/metrics-listener.ts';
import { OpenStreams } from './inbound/open-streams.ts';
import type { Handle } from './inbound/router.ts';
import { createWebSockets, type WebSockets } from './inbound/websocket.ts';
import type { GetEnveloped } from './inbound/websocket-operations.ts';
import { createYogaPipeline, type YogaPipeline } from './inbound/yoga-pipeline.ts';
import type { GatewayMetrics, MetricsParts } from './metrics/gateway-metrics.ts';
import type { Snapshot } from './metrics/snapshot.ts';
import type { Telemetry } from './telemetry.ts';
import type { GatewayTraces } from './traces/gateway-traces.ts';
import { type CallerKeyOf, callerHashOf, createCallerKeys } from './viber-log/caller-key.ts';
import { createLiveLogs } from './viber-log/live-logs.ts';
import type { RedisCache } from './viber-log/redis-cache.ts';
import { createSharedReads, type Siblings } from './viber-log/shared-reads.ts';

export type Gateway = AsyncDisposable & {
  /** Where GraphQL is spoken, GraphiQL included. */
  url: string;
  /**
   * Takes no more requests, answers those that it has taken, and lets go of D7.
   * @param isReplaced by another worker of this machine: /ready does not fail.
   */
  close: (isReplaced?: boolean) => Promise<void>;
  /** Where the metrics are, if they are on. */
  metricsUrl: string | undefined;
};

export type GatewayParts = {
  config: Config;
  telemetry: Telemetry;
  graphiql: GraphiQLOptions;
  board?: BoardHints;
  /** Undefined: this process is the only one of its machine. */
  link?: WorkerLink;
};

/** Connects a worker with the primary, and so with the other workers. */
export type WorkerLink = Siblings & {
  /** @param read its metrics, which the primary serves. */
  serveMetrics: (read: () => Promise<Snapshot>) => void;
};

/** What both execution paths, and all transports, share. */
type Shared = {
  telemetry: Telemetry;
  logOperation: LogOperation;
  viberLogSchema: ViberLogSchema;
  documents: Documents;
  documentTurns: DocumentTurns;
  createContext: CreateContext;
  costOf: CostOf;
  rateLimit: RateLimit | null;
  responses: Responses;
  maskError: MaskError;
};

const graphqlEndpoint = '/graphql';

export async function openGateway(parts: GatewayParts): Promise<Gateway> {
  const { config } = parts;
  const bytesInFlight = new BytesInFlight(config.maxBytesInFlight);
  const metrics = await createMetrics(parts);
  const traces = await createTraces(parts);
  const measured = metrics?.measured(parts.telemetry) ?? parts.telemetry;
  const telemetry = traces?.traced(measured) ?? measured;
  const callerKeyOf = createCallerKeys(config.callerSecret);
  const hashOf = (token: string) => callerHashOf(callerKeyOf(token));
  const d7 = createD7Client(config.upstream, telemetry, bytesInFlight, hashOf);
  const redis = await openRedis(config, telemetry);
  const untracedReads = createSharedReads(config.sharedReads, d7, redis, callerKeyOf, telemetry, parts.link ?? null);
  const sharedReads = traces?.tracedReads(untracedReads) ?? untracedReads;
  const liveLogs = createLiveLogs(config.liveLogs, sharedReads, telemetry);
  const viberLogSchema = await loadSchema();
  const costOf = createOperationCost(viberLogSchema.rootFields, config.cost);
  const documentCaches = createDocumentCaches();
  const shared: Shared = {
    telemetry,
    logOperation: createOperationLog(telemetry, callerKeyOf),
    viberLogSchema,
    documents: createDocuments(config),
    documentTurns: new DocumentTurns(documentCaches.has),
    createContext: createContextFactory(
      { sharedReads, liveLogs, bytesInFlight },
      config.operation,
      traces?.startTrace ?? null,
    ),
    costOf,
    rateLimit: await limitRate(config, redis, costOf, callerKeyOf, telemetry),
    responses: createResponses(config.response),
    maskError: createMaskError(telemetry.unexpectedError),
  };
  const yoga = createYogaPipeline({
    ...shared,
    schema: viberLogSchema.schema,
    documentCaches,
    endpoint: graphqlEndpoint,
    page: config.graphiql ? parts.graphiql : null,
    document: config.document,
    corsOrigins: config.corsOrigins,
    maxBodyBytes: config.maxRequestBodyBytes,
  });
  const check = createCheck(yoga);
  expectValid(config, check);
  const runners = config.fastPath ? createRunners(config, shared, check) : null;
  const webSockets = createWebSocketHandler(parts, shared, yoga, runners);
  const openStreams = new OpenStreams();
  const handle = createHttpHandler(parts, shared, yoga, runners, openStreams);
  const metricsListener = metrics && (await serveMetrics(metrics, { d7, liveLogs, bytesInFlight }, parts.link));
  const listener = await openListener({
    config: config.listener,
    endpoint: graphqlEndpoint,
    handle,
    serveBoard: config.board && createBoardFiles(config.board, parts.board ?? null),
    upgrade: webSockets.upgrade,
    onRequest: metrics?.onRequest ?? null,
    onUnexpected: telemetry.unexpectedError,
  });

  function endStreams(): void {
    webSockets.close();
    openStreams.cut();
    liveLogs.close();
  }

  async function close(isReplaced = false): Promise<void> {
    await listener.close(endStreams, isReplaced);
    await d7.close();
    redis?.close();
    await traces?.close();
    // Last, so that a collector sees the drain.
    await metricsListener?.close();
  }

  const url = `${listener.url}${graphqlEndpoint}`;
  return { url, metricsUrl: metricsListener?.url, close, [Symbol.asyncDispose]: () => close() };
}

/** Loaded where they are used: without METRICS_PORT they cost nothing. */
async function createMetrics({ config, telemetry }: GatewayParts): Promise<GatewayMetrics | null> {
  if (!config.metrics) return null;
  const { createGatewayMetrics } = await import('./metrics/gateway-metrics.ts');
  return createGatewayMetrics(config.metrics, telemetry.unexpectedError);
}

/** Loaded where they are used: without a collector they cost nothing. */
async function createTraces({ config, telemetry }: GatewayParts): Promise<GatewayTraces | null> {
  if (!config.traces) return null;
  const { openGatewayTraces } = await import('./traces/gateway-traces.ts');
  return openGatewayTraces(config.traces, telemetry.tracesNotSent);
}

async function serveMetrics(
  metrics: GatewayMetrics,
  parts: MetricsParts,
  link: WorkerLink | undefined,
): Promise<MetricsListener | null> {
  if (!link) return metrics.listen(parts);
  link.serveMetrics(metrics.reader(parts));
  return null;
}

/** Loaded where it is used, and nowhere else: its client is a third of all files that a start would read. */
async function openRedis(config: Config, telemetry: Telemetry): Promise<RedisCache | null> {
  if (!config.redis) return null;
  const { openRedisCache } = await import('./viber-log/redis-cache.ts');
  return openRedisCache(config.redis, telemetry);
}

/** Loaded where it is used: without a limit nothing is counted. */
async function limitRate(
  { rateLimit }: Config,
  redis: RedisCache | null,
  costOf: CostOf,
  callerKeyOf: CallerKeyOf,
  telemetry: Telemetry,
): Promise<RateLimit | null> {
  if (!rateLimit) return null;
  const { createRateLimiter } = await import('./viber-log/rate-limiter.ts');
  const limiter = createRateLimiter(rateLimit, redis);
  return createRateLimit(limiter, rateLimit.windowSeconds, costOf, callerKeyOf, telemetry);
}

/** Federation wraps the finished schema. Its file may be taken away: then this is a plain GraphQL server. */
async function loadSchema(): Promise<ViberLogSchema> {
  if (!existsSync(new URL('./graphql/federation.ts', import.meta.url))) return createViberLogSchema();
  const { createSubgraphSchema } = await import('./graphql/federation.ts');
  return createSubgraphSchema();
}

function createDocuments({ trustedDocuments, maxAutomaticDocumentBytes }: Config): Documents {
  return trustedDocuments
    ? createTrustedDocuments(trustedDocuments)
    : createAutomaticDocuments(maxAutomaticDocumentBytes);
}

/** Plain queries and subscriptions take the fast path; everything else goes through Yoga. */
function createHttpHandler(
  { config }: GatewayParts,
  shared: Shared,
  yoga: YogaPipeline,
  runners: Runners | null,
  openStreams: OpenStreams,
): Handle {
  const { telemetry } = shared;
  const { handleNodeRequestAndResponse } = yoga;
  return createFastPath({
    path: graphqlEndpoint,
    maxBodyBytes: config.maxRequestBodyBytes,
    corsOrigins: config.corsOrigins,
    compression: createCompression(config.compression),
    openStreams,
    documents: shared.documents,
    documentTurns: shared.documentTurns,
    runners,
    throughYoga: async (request, response, context) => handleNodeRequestAndResponse(request, response, context),
    throughYogaWithBody: async (request, operation) => yoga.fetch(request, { operation }),
    onAnswered: shared.logOperation,
    onSent: telemetry.responseSent,
    onOriginRefused: telemetry.originRefused,
    onUnexpected: telemetry.unexpectedError,
  });
}

function createRunners({ cost, responseCache }: Config, shared: Shared, { validDocument }: DocumentCheck): Runners {
  const prepared = new PreparedOperations(shared.viberLogSchema, validDocument);
  return {
    prepared,
    queries: createQueryRunner({ ...shared, cost, responseCache: createResponseCache(responseCache) }),
    subscriptions: createSubscriptionRunner({ ...shared, onEvent: shared.telemetry.event }),
  };
}

function createWebSocketHandler(
  { config }: GatewayParts,
  shared: Shared,
  yoga: YogaPipeline,
  runners: Runners | null,
): WebSockets {
  const { corsOrigins, maxRequestBodyBytes: maxMessageBytes, webSockets } = config;
  const webSocketConfig = { corsOrigins, maxMessageBytes, ...webSockets };
  const getEnveloped = yoga.getEnveloped as GetEnveloped;
  return createWebSockets(webSocketConfig, { ...shared, getEnveloped, runners });
}

/** @throws ConfigError */
function expectValid({ trustedDocuments }: Config, check: DocumentCheck): void {
  const faults = trustedDocuments ? check.faultsIn(trustedDocuments) : [];
  if (faults.length > 0) throw new ConfigError(faults.map((fault) => `TRUSTED_DOCUMENTS: ${fault}`));
}

function createCheck(yoga: YogaPipeline): DocumentCheck {
  const getEnveloped = yoga.getEnveloped as GetEnveloped;
  const operation = { id: '', startedMs: 0, authorizations: [], trace: {}, bypassesCache: false };
  return createDocumentCheck((operationName) => {
    const { signal } = new AbortController();
    return getEnveloped({ operation, request: { signal }, params: { operationName } });
  });
}
