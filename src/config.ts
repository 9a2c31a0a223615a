/**
 * The only reader of the environment: parses, checks and freezes the settings, and reports every fault at once.
 */
import { z } from 'zod';
import type { OperationLimits } from './graphql/context.ts';
import { type LogLevel, logLevels } from './telemetry.ts';
import type { UpstreamConfig } from './viber-log/client.ts';

export type Config = {
  host: string;
  port: number;
  logLevel: LogLevel;
  shutdownTimeoutMs: number;
  upstream: UpstreamConfig;
  limits: OperationLimits;
};

/** Every setting with its default, as it stands in the README's table. */
export const settings = {
  PORT: wholeNumber(0, 65_535).default(4000),
  HOST: z.string().min(1, 'expected a host name or an address').default('127.0.0.1'),
  D7_BASE_URL: z.string().superRefine(checkOrigin).default('https://api.d7networks.com'),
  UPSTREAM_CONNECT_TIMEOUT_SECONDS: seconds().default(2),
  UPSTREAM_HEADERS_TIMEOUT_SECONDS: seconds().default(5),
  UPSTREAM_TIMEOUT_SECONDS: seconds().default(10),
  UPSTREAM_CONNECTIONS: wholeNumber(1, 10_000).default(64),
  UPSTREAM_MAX_BODY_BYTES: wholeNumber(1024, 1024 ** 3).default(16 * 1024 ** 2),
  MAX_REQUEST_IDS: wholeNumber(1, 10_000).default(100),
  MAX_CONCURRENT_CALLS_PER_OPERATION: wholeNumber(1, 10_000).default(10),
  SHUTDOWN_TIMEOUT_SECONDS: seconds().default(15),
  LOG_LEVEL: z.enum(logLevels, { error: `expected one of ${logLevels.join(', ')}` }).default('info'),
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
  return Object.freeze({
    host: values.HOST,
    port: values.PORT,
    logLevel: values.LOG_LEVEL,
    shutdownTimeoutMs: values.SHUTDOWN_TIMEOUT_SECONDS * 1000,
    upstream: Object.freeze({
      origin: new URL(values.D7_BASE_URL).origin,
      connections: values.UPSTREAM_CONNECTIONS,
      connectTimeoutMs: values.UPSTREAM_CONNECT_TIMEOUT_SECONDS * 1000,
      headersTimeoutMs: values.UPSTREAM_HEADERS_TIMEOUT_SECONDS * 1000,
      attemptTimeoutMs: values.UPSTREAM_TIMEOUT_SECONDS * 1000,
      maxBodyBytes: values.UPSTREAM_MAX_BODY_BYTES,
    }),
    limits: Object.freeze({
      maxRequestIds: values.MAX_REQUEST_IDS,
      concurrentCalls: values.MAX_CONCURRENT_CALLS_PER_OPERATION,
    }),
  });
}

/** @throws ConfigError */
export function readSandboxPort(environment: Environment): number {
  return parse(sandboxSettings, environment).SANDBOX_PORT;
}

function parse<Shape extends z.ZodRawShape>(shape: Shape, environment: Environment) {
  // A variable that is set to nothing is one that is not set: compose files and shells write it so.
  const given = Object.fromEntries(Object.keys(shape).map((name) => [name, environment[name] || undefined]));
  const parsed = z.object(shape).safeParse(given);
  if (parsed.success) return parsed.data;
  throw new ConfigError(parsed.error.issues.map(({ path, message }) => faultOf(String(path[0]), message, given)));
}

/** An address is not repeated: somebody may have written credentials into it. */
function faultOf(name: string, message: string, given: Record<string, string | undefined>): string {
  return name === 'D7_BASE_URL' ? `${name}: ${message}` : `${name}: ${message}, got ${JSON.stringify(given[name])}`;
}

function wholeNumber(least: number, most: number) {
  const expected = `expected a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, expected)
    .transform(Number)
    .refine((value) => value >= least && value <= most, expected);
}

function seconds() {
  const expected = 'expected a number of seconds from 0.001 to 3600, such as 2 or 0.5';
  return z
    .string()
    .regex(/^\d{1,4}(\.\d{1,3})?$/, expected)
    .transform(Number)
    .refine((value) => value >= 0.001 && value <= 3600, expected);
}

/** Tokens go to this origin: so TLS, unless they stay on this machine, and nothing but an origin. */
function checkOrigin(value: string, context: z.RefinementCtx): void {
  const fault = faultOfOrigin(value);
  if (fault)
    context.addIssue({ code: 'custom', message: `expected an origin such as https://api.d7networks.com; ${fault}` });
}

function faultOfOrigin(value: string): string | null {
  const url = URL.parse(value);
  if (url === null) return 'this is no URL';
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'this is neither https nor http';
  if (url.username || url.password) return 'this has credentials in it, and the caller’s token is the only one';
  if (url.pathname !== '/' || url.search || url.hash) return 'this has a path, a query or a fragment';
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) return 'plain http is only allowed to a loopback address';
  return null;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
