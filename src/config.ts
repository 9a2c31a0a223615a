/**
 * The only reader of the environment: parses, checks and freezes the settings, and reports every fault at once.
 */
import { z } from 'zod';
import type { UpstreamConfig } from './d7/client.ts';
import type { OperationLimits } from './graphql/context.ts';
import type { DocumentLimits } from './graphql/document-limits.ts';
import type { ResponseCacheConfig } from './graphql/fast-path/response-cache.ts';
import type { CostLimits } from './graphql/operation-cost.ts';
import type { ResponseLimits } from './graphql/response/responses.ts';
import type { ListenerConfig } from './inbound/listener.ts';
import type { WebSocketConfig } from './inbound/websocket-connection.ts';
import { checkOrigin, checkOrigins, checkRedisUrl, listed, onOrOff, seconds, wholeNumber } from './setting-kinds.ts';
import { type LogLevel, logLevels } from './telemetry.ts';
import type { LiveLogsConfig } from './viber-log/live-logs.ts';
import { longestPauseMs } from './viber-log/poll-pace.ts';
import type { RedisCacheConfig } from './viber-log/redis-cache.ts';
import type { SharedReadsConfig } from './viber-log/shared-reads.ts';

export type Config = {
  logLevel: LogLevel;
  maxPendingLogBytes: number;
  listener: ListenerConfig;
  webSockets: Pick<WebSocketConfig, 'idleMs' | 'flow'>;
  maxRequestBodyBytes: number;
  corsOrigins: readonly string[];
  graphiql: boolean;
  /** Off: graphql-js executes every query. */
  fastPath: boolean;
  document: DocumentLimits;
  cost: CostLimits;
  operation: OperationLimits;
  response: ResponseLimits;
  maxBytesInFlight: number;
  sharedReads: SharedReadsConfig;
  responseCache: ResponseCacheConfig;
  /** Null: this process keeps what it reads to itself. */
  redis: RedisCacheConfig | null;
  liveLogs: LiveLogsConfig;
  upstream: UpstreamConfig;
};

/** Every setting with its default, as it stands in the README's table. */
export const settings = {
  NODE_ENV: z.string().default('development'),
  PORT: wholeNumber(0, 65_535).default(4000),
  HOST: z.string().min(1, 'expected a host name or an address').default('127.0.0.1'),
  LOG_LEVEL: z.enum(logLevels, { error: `expected one of ${logLevels.join(', ')}` }).default('info'),
  LOG_MAX_PENDING_BYTES: wholeNumber(64 * 1024, 1024 ** 3).default(4 * 1024 ** 2),
  GRAPHIQL: onOrOff().optional(),
  INTROSPECTION: onOrOff().optional(),
  FIELD_SUGGESTIONS: onOrOff().optional(),
  FAST_PATH: onOrOff().optional(),
  CORS_ORIGINS: z.string().superRefine(checkOrigins).transform(listed).default([]),
  CLIENT_HEADERS_TIMEOUT_SECONDS: seconds().default(5),
  CLIENT_REQUEST_TIMEOUT_SECONDS: seconds().default(10),
  CLIENT_STALL_SECONDS: seconds().default(20),
  MAX_UNREAD_BYTES_PER_CLIENT: wholeNumber(1024, 1024 ** 4).default(64 * 1024 ** 2),
  MAX_CONNECTIONS: wholeNumber(1, 1_000_000).default(20_000),
  MAX_PIPELINED_REQUESTS: wholeNumber(0, 10_000).default(100),
  WEBSOCKET_IDLE_SECONDS: seconds().default(60),
  MAX_OPERATIONS_PER_WEBSOCKET: wholeNumber(1, 10_000).default(32),
  MAX_REQUEST_BODY_BYTES: wholeNumber(1024, 1024 ** 3).default(100 * 1024),
  MAX_TOKENS: wholeNumber(1, 1_000_000).default(1000),
  MAX_DEPTH: wholeNumber(1, 1000).default(12),
  MAX_ALIASES: wholeNumber(0, 10_000).default(30),
  MAX_DIRECTIVES: wholeNumber(0, 10_000).default(30),
  MAX_REPEATED_FIELDS: wholeNumber(1, 10_000).default(30),
  MAX_NAME_LENGTH: wholeNumber(1, 1000).default(256),
  MAX_REQUEST_IDS: wholeNumber(1, 10_000).default(100),
  MAX_ITEMS_PER_OPERATION: wholeNumber(1, 100_000).default(500),
  MAX_UPSTREAM_CALLS_PER_OPERATION: wholeNumber(1, 10_000).default(100),
  MAX_CONCURRENT_CALLS_PER_OPERATION: wholeNumber(1, 10_000).default(10),
  MAX_RESPONSE_BYTES: wholeNumber(1024, 1024 ** 3).default(32 * 1024 ** 2),
  MAX_ERRORS: wholeNumber(2, 10_000).default(100),
  MAX_DOCUMENT_ERRORS: wholeNumber(2, 100).default(5),
  MAX_ERROR_MESSAGE_LENGTH: wholeNumber(50, 100_000).default(300),
  MAX_ERROR_LOCATIONS: wholeNumber(1, 10_000).default(10),
  MAX_BYTES_IN_FLIGHT: wholeNumber(1024, 1024 ** 4).default(256 * 1024 ** 2),
  OPERATION_TIMEOUT_SECONDS: seconds().default(10),
  CACHE_FINAL_TTL_SECONDS: seconds(0).default(60),
  CACHE_LIVE_TTL_SECONDS: seconds(0).default(1),
  CACHE_NOT_FOUND_TTL_SECONDS: seconds(0).default(1),
  CACHE_MAX_BYTES: wholeNumber(1024, 1024 ** 4).default(64 * 1024 ** 2),
  REDIS_URL: z.string().superRefine(checkRedisUrl).optional(),
  CACHE_MAX_PENDING_REVOCATIONS: wholeNumber(0, 10_000_000).default(10_000),
  CACHE_SECRET: z.string().min(32, 'expected at least 32 characters that nobody can guess').optional(),
  LIVE_MIN_INTERVAL_SECONDS: seconds().default(1),
  LIVE_MAX_INTERVAL_SECONDS: seconds().default(30),
  LIVE_NOT_FOUND_SECONDS: seconds(0).default(30),
  LIVE_FAILURE_SECONDS: seconds(0).default(120),
  LIVE_MAX_SECONDS: seconds().default(900),
  LIVE_MAX_SUBSCRIPTIONS: wholeNumber(0, 1_000_000).default(10_000),
  LIVE_MAX_SUBSCRIPTIONS_PER_CALLER: wholeNumber(0, 1_000_000).default(1000),
  D7_BASE_URL: z.string().superRefine(checkOrigin).default('https://api.d7networks.com'),
  UPSTREAM_CONNECT_TIMEOUT_SECONDS: seconds().default(2),
  UPSTREAM_HEADERS_TIMEOUT_SECONDS: seconds().default(5),
  UPSTREAM_ATTEMPT_TIMEOUT_SECONDS: seconds().default(8),
  UPSTREAM_MAX_BODY_BYTES: wholeNumber(1024, 1024 ** 3).default(16 * 1024 ** 2),
  UPSTREAM_CONNECTIONS: wholeNumber(1, 10_000).default(512),
  UPSTREAM_QUEUE: wholeNumber(0, 1_000_000).default(20_000),
  UPSTREAM_MAX_RETRIES: wholeNumber(0, 5).default(2),
  BREAKER_FAILURE_PERCENT: wholeNumber(1, 99).default(50),
  BREAKER_MIN_CALLS: wholeNumber(1, 10_000).default(20),
  BREAKER_OPEN_SECONDS: seconds().default(2),
  DRAIN_DELAY_SECONDS: seconds(0).default(0),
  SHUTDOWN_TIMEOUT_SECONDS: seconds().default(15),
};

export type Launcher = {
  npmPid: number;
  /** Under `npm run dev`, Node's watcher is between npm and the gateway. */
  watcherPid: number | undefined;
};

export type Environment = Readonly<Record<string, string | undefined>>;

export class ConfigError extends Error {
  constructor(faults: readonly string[]) {
    super(`Wrong settings in the environment:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/** What only the demo reads, beside all the others. */
export const sandboxSettings = {
  SANDBOX_PORT: wholeNumber(0, 65_535).default(4010),
};

/** @throws ConfigError naming every setting that is wrong, what was expected of it and what came. */
export function readConfig(environment: Environment): Config {
  const values = parse(settings, environment);
  checkParts(values, [
    ['CLIENT_HEADERS_TIMEOUT_SECONDS', 'CLIENT_REQUEST_TIMEOUT_SECONDS'],
    ['DRAIN_DELAY_SECONDS', 'SHUTDOWN_TIMEOUT_SECONDS'],
    ['LIVE_MIN_INTERVAL_SECONDS', 'LIVE_MAX_INTERVAL_SECONDS'],
    ['MAX_RESPONSE_BYTES', 'MAX_BYTES_IN_FLIGHT'],
    ['UPSTREAM_MAX_BODY_BYTES', 'MAX_BYTES_IN_FLIGHT'],
  ]);
  const pace = { leastMs: values.LIVE_MIN_INTERVAL_SECONDS * 1000, mostMs: values.LIVE_MAX_INTERVAL_SECONDS * 1000 };
  const lifetimes = {
    finalMs: values.CACHE_FINAL_TTL_SECONDS * 1000,
    liveMs: values.CACHE_LIVE_TTL_SECONDS * 1000,
    notFoundMs: values.CACHE_NOT_FOUND_TTL_SECONDS * 1000,
  };
  const longestLifetimeMs = Math.max(...Object.values(lifetimes));
  const leastKeptMs = longestPauseMs(pace);
  const redis = redisOf(values, Math.max(longestLifetimeMs, leastKeptMs));
  // What helps a developer helps a stranger, too: in production it is switched on by name, or off.
  const inDevelopment = values.NODE_ENV !== 'production';
  return deepFreeze({
    logLevel: values.LOG_LEVEL,
    maxPendingLogBytes: values.LOG_MAX_PENDING_BYTES,
    listener: {
      host: values.HOST,
      port: values.PORT,
      headersTimeoutMs: values.CLIENT_HEADERS_TIMEOUT_SECONDS * 1000,
      requestTimeoutMs: values.CLIENT_REQUEST_TIMEOUT_SECONDS * 1000,
      maxConnections: values.MAX_CONNECTIONS,
      maxPipelinedRequests: values.MAX_PIPELINED_REQUESTS,
      slowClients: {
        stallMs: values.CLIENT_STALL_SECONDS * 1000,
        maxUnreadBytes: values.MAX_UNREAD_BYTES_PER_CLIENT,
      },
      drainDelayMs: values.DRAIN_DELAY_SECONDS * 1000,
      shutdownTimeoutMs: values.SHUTDOWN_TIMEOUT_SECONDS * 1000,
    },
    webSockets: {
      idleMs: values.WEBSOCKET_IDLE_SECONDS * 1000,
      flow: {
        maxOperations: values.MAX_OPERATIONS_PER_WEBSOCKET,
        maxUnreadBytes: values.MAX_UNREAD_BYTES_PER_CLIENT,
      },
    },
    maxRequestBodyBytes: values.MAX_REQUEST_BODY_BYTES,
    corsOrigins: values.CORS_ORIGINS,
    graphiql: values.GRAPHIQL ?? inDevelopment,
    fastPath: values.FAST_PATH ?? true,
    document: {
      maxTokens: values.MAX_TOKENS,
      maxDepth: values.MAX_DEPTH,
      maxAliases: values.MAX_ALIASES,
      maxDirectives: values.MAX_DIRECTIVES,
      maxRepeatedFields: values.MAX_REPEATED_FIELDS,
      maxNameLength: values.MAX_NAME_LENGTH,
      introspection: values.INTROSPECTION ?? inDevelopment,
      fieldSuggestions: values.FIELD_SUGGESTIONS ?? inDevelopment,
    },
    cost: {
      maxItems: values.MAX_ITEMS_PER_OPERATION,
      maxUpstreamCalls: values.MAX_UPSTREAM_CALLS_PER_OPERATION,
    },
    operation: {
      maxRequestIds: values.MAX_REQUEST_IDS,
      maxUpstreamCalls: values.MAX_UPSTREAM_CALLS_PER_OPERATION,
      concurrentCalls: values.MAX_CONCURRENT_CALLS_PER_OPERATION,
      timeoutMs: values.OPERATION_TIMEOUT_SECONDS * 1000,
    },
    response: {
      maxBytes: values.MAX_RESPONSE_BYTES,
      errors: {
        maxErrors: values.MAX_ERRORS,
        maxDocumentErrors: Math.min(values.MAX_DOCUMENT_ERRORS, values.MAX_ERRORS),
        maxMessageLength: values.MAX_ERROR_MESSAGE_LENGTH,
        maxLocations: values.MAX_ERROR_LOCATIONS,
      },
    },
    maxBytesInFlight: values.MAX_BYTES_IN_FLIGHT,
    sharedReads: {
      secret: values.CACHE_SECRET ?? null,
      lifetimes,
      maxBytes: values.CACHE_MAX_BYTES / 2,
      leastKeptMs,
    },
    // A response is cached only as long as the results that it was made of.
    responseCache: { maxBytes: longestLifetimeMs > 0 ? values.CACHE_MAX_BYTES / 2 : 0, ttlMs: longestLifetimeMs },
    redis,
    liveLogs: {
      pace,
      notFoundMs: values.LIVE_NOT_FOUND_SECONDS * 1000,
      failureMs: values.LIVE_FAILURE_SECONDS * 1000,
      timeoutMs: values.OPERATION_TIMEOUT_SECONDS * 1000,
      longestMs: values.LIVE_MAX_SECONDS * 1000,
      maxSubscriptions: values.LIVE_MAX_SUBSCRIPTIONS,
      maxSubscriptionsPerCaller: values.LIVE_MAX_SUBSCRIPTIONS_PER_CALLER,
    },
    upstream: {
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
    },
  });
}

type Values = z.output<z.ZodObject<typeof settings>>;

/** Replicas find each other's readings only under one secret; a shared cache that is never hit would be a silent fault. */
function redisOf(values: Values, longestKeptMs: number): RedisCacheConfig | null {
  const { REDIS_URL: url, CACHE_SECRET: secret } = values;
  if (url === undefined) return null;
  if (secret === undefined) {
    throw new ConfigError(['CACHE_SECRET: expected with REDIS_URL, the same for all replicas, got nothing']);
  }
  const { CACHE_FINAL_TTL_SECONDS, CACHE_LIVE_TTL_SECONDS, CACHE_NOT_FOUND_TTL_SECONDS } = values;
  return {
    url,
    secret,
    takesTurns: CACHE_FINAL_TTL_SECONDS * CACHE_LIVE_TTL_SECONDS * CACHE_NOT_FOUND_TTL_SECONDS > 0,
    longestKeptMs,
    maxPendingRevocations: values.CACHE_MAX_PENDING_REVOCATIONS,
  };
}

/** @throws ConfigError */
export function readSandboxPort(environment: Environment): number {
  return parse(sandboxSettings, environment).SANDBOX_PORT;
}

/** What the npm scripts tell about themselves. These are no settings: without them, nothing is watched. */
export function readLauncher({ NPM_PID, WATCHER_PID }: Environment): Launcher | undefined {
  const npmPid = Number(NPM_PID);
  if (!(npmPid > 0)) return undefined;
  return { npmPid, watcherPid: WATCHER_PID ? Number(WATCHER_PID) : undefined };
}

function parse<Shape extends z.ZodRawShape>(shape: Shape, environment: Environment) {
  // A variable that is set to nothing is one that is not set: compose files and shells write it so.
  const given = Object.fromEntries(Object.keys(shape).map((name) => [name, environment[name] || undefined]));
  const parsed = z.object(shape).safeParse(given);
  if (parsed.success) return parsed.data;
  throw new ConfigError(parsed.error.issues.map(({ path, message }) => faultOf(String(path[0]), message, given)));
}

/** A part cannot be more than the whole. */
function checkParts<Name extends string>(
  values: Record<Name, number>,
  pairs: readonly (readonly [Name, Name])[],
): void {
  const faults = pairs
    .filter(([part, whole]) => values[part] > values[whole])
    .map(([part, whole]) => `${part}: expected at most ${whole}, which is ${values[whole]}, got ${values[part]}`);
  if (faults.length > 0) throw new ConfigError(faults);
}

/** Not repeated: secrets, and addresses that somebody may have written credentials into. */
const secrets = new Set(['D7_BASE_URL', 'REDIS_URL', 'CACHE_SECRET']);

function faultOf(name: string, message: string, given: Record<string, string | undefined>): string {
  return secrets.has(name) ? `${name}: ${message}` : `${name}: ${message}, got ${JSON.stringify(given[name])}`;
}

function deepFreeze<Value extends object>(value: Value): Value {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) deepFreeze(inner);
  return Object.freeze(value);
}
