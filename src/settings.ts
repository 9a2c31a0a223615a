/**
 * The table of settings: the name of each environment variable, its valid values and its default.
 */
import { z } from 'zod';
import { readManifest } from './graphql/manifest.ts';
import {
  checkCollector,
  checkOrigin,
  checkOrigins,
  checkRedisUrl,
  listed,
  networks,
  onOrOff,
  readable,
  seconds,
  trueOrFalse,
  wholeNumber,
} from './setting-kinds.ts';
import { logLevels } from './telemetry.ts';

/** In the order of the README's table, which a test compares with this one. */
export const settings = {
  NODE_ENV: z.string().default('development'),
  PORT: wholeNumber(0, 65_535).default(4000),
  HOST: z.string().min(1, 'expected a host name or an address').default('127.0.0.1'),
  WORKERS: wholeNumber(1, 128).default(1),
  METRICS_PORT: wholeNumber(0, 65_535).optional(),
  METRICS_HOST: z.string().min(1, 'expected a host name or an address').default('127.0.0.1'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.string().superRefine(checkCollector).optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z.string().superRefine(checkCollector).optional(),
  OTEL_TRACES_EXPORTER: z.enum(['otlp', 'none'], { error: 'expected otlp or none' }).optional(),
  OTEL_SDK_DISABLED: trueOrFalse().optional(),
  LOG_LEVEL: z.enum(logLevels, { error: `expected one of ${logLevels.join(', ')}` }).default('info'),
  LOG_MAX_PENDING_BYTES: wholeNumber(64 * 1024, 1024 ** 3).default(4 * 1024 ** 2),
  GRAPHIQL: onOrOff().optional(),
  BOARD: onOrOff().default(false),
  BOARD_GATEWAYS: z.string().superRefine(checkOrigins).transform(listed).default([]),
  INTROSPECTION: onOrOff().optional(),
  FIELD_SUGGESTIONS: onOrOff().optional(),
  TRUSTED_DOCUMENTS: z.string().transform(readable(readManifest)).optional(),
  APQ_MAX_BYTES: wholeNumber(0, 1024 ** 3).default(4 * 1024 ** 2),
  FAST_PATH: onOrOff().optional(),
  CORS_ORIGINS: z.string().superRefine(checkOrigins).transform(listed).default([]),
  TRUSTED_PROXIES: z.string().transform(networks).optional(),
  CLIENT_HEADERS_TIMEOUT_SECONDS: seconds().default(5),
  CLIENT_REQUEST_TIMEOUT_SECONDS: seconds().default(10),
  CLIENT_KEEP_ALIVE_SECONDS: seconds().default(75),
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
  MAX_COMPUTED_ROWS_PER_OPERATION: wholeNumber(1, 1_000_000_000).default(1_000_000),
  MAX_RESPONSE_BYTES: wholeNumber(1024, 1024 ** 3).default(32 * 1024 ** 2),
  MAX_ERRORS: wholeNumber(2, 10_000).default(100),
  MAX_DOCUMENT_ERRORS: wholeNumber(2, 100).default(5),
  MAX_ERROR_MESSAGE_LENGTH: wholeNumber(50, 100_000).default(300),
  MAX_ERROR_LOCATIONS: wholeNumber(1, 10_000).default(10),
  MAX_BYTES_IN_FLIGHT: wholeNumber(1024, 1024 ** 4).default(256 * 1024 ** 2),
  COMPRESSION_MIN_BYTES: wholeNumber(0, 1024 ** 4).default(2048),
  MAX_CONCURRENT_COMPRESSIONS: wholeNumber(1, 1000).default(2),
  OPERATION_TIMEOUT_SECONDS: seconds().default(10),
  RATE_LIMIT_PER_CALLER: wholeNumber(0, 1_000_000_000).default(0),
  RATE_LIMIT_TOTAL: wholeNumber(0, 1_000_000_000).default(0),
  RATE_LIMIT_WINDOW_SECONDS: wholeNumber(1, 3600).default(60),
  CACHE_FINAL_TTL_SECONDS: seconds(0).default(60),
  CACHE_LIVE_TTL_SECONDS: seconds(0).default(1),
  CACHE_NOT_FOUND_TTL_SECONDS: seconds(0).default(1),
  CACHE_MAX_BYTES: wholeNumber(1024, 1024 ** 4).default(64 * 1024 ** 2),
  REDIS_URL: z.string().superRefine(checkRedisUrl).optional(),
  CACHE_MAX_PENDING_REVOCATIONS: wholeNumber(0, 10_000_000).default(10_000),
  CACHE_SECRET: z.string().min(32, 'expected at least 32 characters, chosen at random').optional(),
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

/** Limits of the whole machine: each worker has an equal part of them. Every other setting holds for each worker by itself. */
export const dividedSettings = [
  'APQ_MAX_BYTES',
  'MAX_CONNECTIONS',
  'MAX_BYTES_IN_FLIGHT',
  'CACHE_MAX_BYTES',
  'LIVE_MAX_SUBSCRIPTIONS',
  'UPSTREAM_CONNECTIONS',
  'UPSTREAM_QUEUE',
] as const satisfies readonly (keyof typeof settings)[];

/** Read only by the demo, in addition to all others. */
export const sandboxSettings = {
  SANDBOX_PORT: wholeNumber(0, 65_535).default(4010),
  SANDBOX_SPEED: wholeNumber(1, 1000).default(1),
};

/** Read only by the doctor, in addition to all others. */
export const doctorSettings = {
  D7_TOKEN: z
    .string()
    .regex(/^[A-Za-z0-9._~+/-]+=*$/, 'expected the API token alone, without "Bearer"')
    .optional(),
};

export type Settings = z.output<z.ZodObject<typeof settings>>;
