/**
 * The configuration of all parts, made from the environment, which only this file reads. The settings are in settings.ts.
 */
import type { UpstreamConfig } from './d7/client.ts';
import { type EffectiveSettings, effectiveSettingsOf } from './effective-settings.ts';
import { atMost, type Environment, parseEnvironment, type Relation } from './environment.ts';
import type { OperationLimits } from './graphql/context.ts';
import type { DocumentLimits } from './graphql/document-limits.ts';
import type { ResponseCacheConfig } from './graphql/fast-path/response-cache.ts';
import type { Manifest } from './graphql/manifest.ts';
import type { CostLimits } from './graphql/operation-cost.ts';
import type { ResponseLimits } from './graphql/response/responses.ts';
import type { BoardConfig } from './inbound/board-files.ts';
import type { CompressionConfig } from './inbound/compression.ts';
import type { ListenerConfig } from './inbound/listener.ts';
import type { MetricsListenerConfig } from './inbound/metrics-listener.ts';
import type { WebSocketConfig } from './inbound/websocket-connection.ts';
import { dividedSettings, doctorSettings, type Settings, sandboxSettings, settings } from './settings.ts';
import type { LogLevel } from './telemetry.ts';
import type { TracesConfig } from './traces/sdk.ts';
import type { LiveLogsConfig } from './viber-log/live-logs.ts';
import { maxPauseMs, type PollIntervals } from './viber-log/poll-interval.ts';
import type { RateLimitConfig } from './viber-log/rate-limiter.ts';
import type { RedisCacheConfig } from './viber-log/redis-cache.ts';
import type { SharedReadsConfig } from './viber-log/shared-reads.ts';

export type Config = {
  /** For the log. */
  effectiveSettings: EffectiveSettings;
  logLevel: LogLevel;
  maxPendingLogBytes: number;
  /** Processes that share the port. All limits below are those of one. */
  workers: number;
  listener: ListenerConfig;
  /** Null: nothing is counted. */
  metrics: MetricsListenerConfig | null;
  /** Null: nothing is traced. */
  traces: TracesConfig | null;
  /** The key of the HMACs that are the caller keys. Null: random, and known to this process only. */
  callerSecret: string | null;
  webSockets: Pick<WebSocketConfig, 'idleMs' | 'flow' | 'trustedProxies'>;
  maxRequestBodyBytes: number;
  corsOrigins: readonly string[];
  graphiql: boolean;
  /** Null: not served. */
  board: BoardConfig | null;
  /** Null: clients may send any document. */
  trustedDocuments: Manifest | null;
  maxAutomaticDocumentBytes: number;
  /** Off: graphql-js executes every query and subscription. */
  fastPath: boolean;
  document: DocumentLimits;
  cost: CostLimits;
  operation: OperationLimits;
  /** Null: there is no limit. */
  rateLimit: RateLimitConfig | null;
  response: ResponseLimits;
  maxBytesInFlight: number;
  compression: CompressionConfig;
  sharedReads: SharedReadsConfig;
  responseCache: ResponseCacheConfig;
  /** Null: replicas share no cache. */
  redis: RedisCacheConfig | null;
  liveLogs: LiveLogsConfig;
  upstream: UpstreamConfig;
};

export type SandboxConfig = {
  port: number;
  /** How many times faster than the clock the time of its moving logs passes. */
  speed: number;
};

export type Launcher = {
  npmPid: number;
  /** Node's watcher, which runs between npm and the gateway under `npm run dev`. */
  watcherPid: number | undefined;
};

/** A default secret would differ between replicas: they could not read each other's results, and no error would show it. */
const secretOfReplicas: Relation<Settings> = {
  names: ['CACHE_SECRET'],
  faultIn: ({ CACHE_SECRET }, { REDIS_URL }) =>
    REDIS_URL === undefined || CACHE_SECRET !== undefined
      ? null
      : 'CACHE_SECRET: expected with REDIS_URL, the same for all replicas, got nothing',
};

const relations = [
  atMost('CLIENT_HEADERS_TIMEOUT_SECONDS', 'CLIENT_REQUEST_TIMEOUT_SECONDS'),
  atMost('DRAIN_DELAY_SECONDS', 'SHUTDOWN_TIMEOUT_SECONDS'),
  atMost('LIVE_MIN_INTERVAL_SECONDS', 'LIVE_MAX_INTERVAL_SECONDS'),
  atMostPart('MAX_RESPONSE_BYTES', 'MAX_BYTES_IN_FLIGHT'),
  atMostPart('UPSTREAM_MAX_BODY_BYTES', 'MAX_BYTES_IN_FLIGHT'),
  secretOfReplicas,
] as const;

/** @throws ConfigError with every wrong setting, the expected values and the given one. */
export function readConfig(environment: Environment): Config {
  const given = withDefaults(parseEnvironment(settings, environment, relations));
  const values = partOfWorker(given);
  return deepFreeze({
    effectiveSettings: effectiveSettingsOf(given, environment),
    workers: values.WORKERS,
    logLevel: values.LOG_LEVEL,
    maxPendingLogBytes: values.LOG_MAX_PENDING_BYTES,
    listener: listenerConfig(values),
    metrics: values.METRICS_PORT === undefined ? null : { host: values.METRICS_HOST, port: values.METRICS_PORT },
    traces: tracesConfig(values, environment),
    callerSecret: values.CACHE_SECRET ?? null,
    webSockets: {
      trustedProxies: values.TRUSTED_PROXIES ?? null,
      idleMs: values.WEBSOCKET_IDLE_SECONDS * 1000,
      flow: {
        maxOperations: values.MAX_OPERATIONS_PER_WEBSOCKET,
        maxUnreadBytes: values.MAX_UNREAD_BYTES_PER_CLIENT,
      },
    },
    maxRequestBodyBytes: values.MAX_REQUEST_BODY_BYTES,
    corsOrigins: values.CORS_ORIGINS,
    graphiql: values.GRAPHIQL,
    board: values.BOARD ? { gateways: values.BOARD_GATEWAYS } : null,
    trustedDocuments: values.TRUSTED_DOCUMENTS ?? null,
    maxAutomaticDocumentBytes: values.APQ_MAX_BYTES,
    fastPath: values.FAST_PATH,
    document: documentLimits(values),
    cost: {
      maxItems: values.MAX_ITEMS_PER_OPERATION,
      maxUpstreamCalls: values.MAX_UPSTREAM_CALLS_PER_OPERATION,
    },
    operation: {
      maxRequestIds: values.MAX_REQUEST_IDS,
      maxComputedRows: values.MAX_COMPUTED_ROWS_PER_OPERATION,
      maxUpstreamCalls: values.MAX_UPSTREAM_CALLS_PER_OPERATION,
      concurrentCalls: values.MAX_CONCURRENT_CALLS_PER_OPERATION,
      timeoutMs: values.OPERATION_TIMEOUT_SECONDS * 1000,
    },
    rateLimit: rateLimitConfig(values),
    response: responseLimits(values),
    maxBytesInFlight: values.MAX_BYTES_IN_FLIGHT,
    compression: { minBytes: values.COMPRESSION_MIN_BYTES, maxConcurrent: values.MAX_CONCURRENT_COMPRESSIONS },
    ...cacheConfigs(values),
    liveLogs: liveLogsConfig(values),
    upstream: upstreamConfig(values),
  });
}

/** The SDK of OpenTelemetry reads its variables itself. */
function tracesConfig(
  values: Settings,
  { OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES }: Environment,
): TracesConfig | null {
  const { OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER, OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT } =
    values;
  const isWanted = OTEL_TRACES_EXPORTER ?? OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? OTEL_EXPORTER_OTLP_ENDPOINT;
  if (OTEL_SDK_DISABLED || OTEL_TRACES_EXPORTER === 'none' || isWanted === undefined) return null;
  const isNamed = OTEL_SERVICE_NAME || OTEL_RESOURCE_ATTRIBUTES?.includes('service.name=');
  return { serviceName: isNamed ? undefined : 'viber-log-gateway' };
}

/** Of what the whole machine may do, the part of one worker. */
function partOfWorker<Values extends Settings>(values: Values): Values {
  const parts = dividedSettings.map((name) => [name, Math.ceil(values[name] / values.WORKERS)]);
  return { ...values, ...Object.fromEntries(parts) };
}

/** What one worker must be able to hold. */
function atMostPart(
  lesser: 'MAX_RESPONSE_BYTES' | 'UPSTREAM_MAX_BODY_BYTES',
  greater: 'MAX_BYTES_IN_FLIGHT',
): Relation<Settings> {
  return {
    names: [lesser, greater, 'WORKERS'],
    faultIn: ({ [lesser]: less, [greater]: whole, WORKERS: workers }) => {
      const part = Math.ceil(whole / workers);
      const words = workers === 1 ? `${greater}, which is ${part}` : `${greater} divided by WORKERS, which is ${part}`;
      return less <= part ? null : `${lesser}: expected at most ${words}, got ${less}`;
    },
  };
}

function listenerConfig(values: Settings): ListenerConfig {
  return {
    host: values.HOST,
    port: values.PORT,
    headersTimeoutMs: values.CLIENT_HEADERS_TIMEOUT_SECONDS * 1000,
    requestTimeoutMs: values.CLIENT_REQUEST_TIMEOUT_SECONDS * 1000,
    keepAliveMs: values.CLIENT_KEEP_ALIVE_SECONDS * 1000,
    maxConnections: values.MAX_CONNECTIONS,
    maxPipelinedRequests: values.MAX_PIPELINED_REQUESTS,
    slowClients: {
      stallMs: values.CLIENT_STALL_SECONDS * 1000,
      maxUnreadBytes: values.MAX_UNREAD_BYTES_PER_CLIENT,
    },
    drainDelayMs: values.DRAIN_DELAY_SECONDS * 1000,
    shutdownTimeoutMs: values.SHUTDOWN_TIMEOUT_SECONDS * 1000,
  };
}

/** Introspection and suggestions show the schema to strangers as well: production has them off by default. */
function withDefaults(values: Settings) {
  const inDevelopment = values.NODE_ENV !== 'production';
  const {
    GRAPHIQL = inDevelopment,
    INTROSPECTION = inDevelopment,
    FIELD_SUGGESTIONS = inDevelopment,
    FAST_PATH = true,
  } = values;
  return { ...values, GRAPHIQL, INTROSPECTION, FIELD_SUGGESTIONS, FAST_PATH };
}

function documentLimits(values: ReturnType<typeof withDefaults>): DocumentLimits {
  return {
    maxTokens: values.MAX_TOKENS,
    maxDepth: values.MAX_DEPTH,
    maxAliases: values.MAX_ALIASES,
    maxDirectives: values.MAX_DIRECTIVES,
    maxRepeatedFields: values.MAX_REPEATED_FIELDS,
    maxNameLength: values.MAX_NAME_LENGTH,
    introspection: values.INTROSPECTION,
    fieldSuggestions: values.FIELD_SUGGESTIONS,
  };
}

function rateLimitConfig(values: Settings): RateLimitConfig | null {
  const { RATE_LIMIT_PER_CALLER: perCaller, RATE_LIMIT_TOTAL: total } = values;
  return perCaller + total > 0 ? { perCaller, total, windowSeconds: values.RATE_LIMIT_WINDOW_SECONDS } : null;
}

function responseLimits(values: Settings): ResponseLimits {
  return {
    maxBytes: values.MAX_RESPONSE_BYTES,
    errors: {
      maxErrors: values.MAX_ERRORS,
      maxDocumentErrors: Math.min(values.MAX_DOCUMENT_ERRORS, values.MAX_ERRORS),
      maxMessageLength: values.MAX_ERROR_MESSAGE_LENGTH,
      maxLocations: values.MAX_ERROR_LOCATIONS,
    },
  };
}

function cacheConfigs(values: Settings): Pick<Config, 'sharedReads' | 'responseCache' | 'redis'> {
  const timesToLive = {
    finalMs: values.CACHE_FINAL_TTL_SECONDS * 1000,
    liveMs: values.CACHE_LIVE_TTL_SECONDS * 1000,
    notFoundMs: values.CACHE_NOT_FOUND_TTL_SECONDS * 1000,
  };
  const maxTtlMs = Math.max(...Object.values(timesToLive));
  const minRetentionMs = maxPauseMs(pollIntervals(values));
  const maxBytes = values.CACHE_MAX_BYTES / 2;
  return {
    sharedReads: { timesToLive, maxBytes, minRetentionMs },
    // A cached response is valid no longer than the results in it.
    responseCache: { maxBytes: maxTtlMs > 0 ? maxBytes : 0, ttlMs: maxTtlMs },
    redis: redisConfig(values, Math.max(maxTtlMs, minRetentionMs)),
  };
}

function redisConfig(values: Settings, maxRetentionMs: number): RedisCacheConfig | null {
  const { REDIS_URL: url, CACHE_SECRET: secret } = values;
  if (url === undefined || secret === undefined) return null;
  const { CACHE_FINAL_TTL_SECONDS, CACHE_LIVE_TTL_SECONDS, CACHE_NOT_FOUND_TTL_SECONDS } = values;
  return {
    url,
    secret,
    usesLeases: CACHE_FINAL_TTL_SECONDS * CACHE_LIVE_TTL_SECONDS * CACHE_NOT_FOUND_TTL_SECONDS > 0,
    maxRetentionMs,
    maxPendingRevocations: values.CACHE_MAX_PENDING_REVOCATIONS,
  };
}

function liveLogsConfig(values: Settings): LiveLogsConfig {
  return {
    intervals: pollIntervals(values),
    notFoundMs: values.LIVE_NOT_FOUND_SECONDS * 1000,
    failureMs: values.LIVE_FAILURE_SECONDS * 1000,
    timeoutMs: values.OPERATION_TIMEOUT_SECONDS * 1000,
    maxDurationMs: values.LIVE_MAX_SECONDS * 1000,
    maxSubscriptions: values.LIVE_MAX_SUBSCRIPTIONS,
    maxSubscriptionsPerCaller: values.LIVE_MAX_SUBSCRIPTIONS_PER_CALLER,
  };
}

function pollIntervals(values: Settings): PollIntervals {
  return { minMs: values.LIVE_MIN_INTERVAL_SECONDS * 1000, maxMs: values.LIVE_MAX_INTERVAL_SECONDS * 1000 };
}

function upstreamConfig(values: Settings): UpstreamConfig {
  return {
    connections: {
      origin: new URL(values.D7_BASE_URL).origin,
      connectTimeoutMs: values.UPSTREAM_CONNECT_TIMEOUT_SECONDS * 1000,
    },
    limits: {
      headersTimeoutMs: values.UPSTREAM_HEADERS_TIMEOUT_SECONDS * 1000,
      attemptTimeoutMs: values.UPSTREAM_ATTEMPT_TIMEOUT_SECONDS * 1000,
      maxBodyBytes: values.UPSTREAM_MAX_BODY_BYTES,
    },
    maxRetries: values.UPSTREAM_MAX_RETRIES,
    queue: {
      maxConcurrency: values.UPSTREAM_CONNECTIONS,
      maxWaiting: values.UPSTREAM_QUEUE,
      circuit: {
        failureRatio: values.BREAKER_FAILURE_PERCENT / 100,
        minCalls: values.BREAKER_MIN_CALLS,
        openMs: values.BREAKER_OPEN_SECONDS * 1000,
      },
    },
  };
}

/** Checks the gateway's settings as well, since the sandbox is started first. @throws ConfigError with every wrong one. */
export function readSandboxConfig(environment: Environment): SandboxConfig {
  const { SANDBOX_PORT: port, SANDBOX_SPEED: speed } = parseEnvironment(
    { ...settings, ...sandboxSettings },
    environment,
    relations,
  );
  return { port, speed };
}

/** Undefined where none is set. Checks the gateway's settings as well. @throws ConfigError with every wrong one. */
export function readDoctorToken(environment: Environment): string | undefined {
  return parseEnvironment({ ...settings, ...doctorSettings }, environment, relations).D7_TOKEN;
}

/** The npm scripts set these variables. They are not settings: without them the gateway does not watch npm. */
export function readLauncher({ NPM_PID, WATCHER_PID }: Environment): Launcher | undefined {
  const npmPid = Number(NPM_PID);
  if (!(npmPid > 0)) return undefined;
  return { npmPid, watcherPid: WATCHER_PID ? Number(WATCHER_PID) : undefined };
}

function deepFreeze<Value extends object>(value: Value): Value {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) deepFreeze(inner);
  return Object.freeze(value);
}
