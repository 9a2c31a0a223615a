/**
 * The whole house for a test: the sandbox behind, the gateway in front of it, each on a socket of its own.
 */
import { createClient } from 'graphql-sse';
import { readConfig } from '../src/config.ts';
import { openSandbox, type Sandbox, type SandboxOptions, sandboxToken } from '../src/sandbox/sandbox.ts';
import { openGateway } from '../src/server.ts';
import { createTelemetry } from '../src/telemetry.ts';

export type Reply = {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what came is what the test is about
  body: any;
};

type AskOptions = {
  variables?: Record<string, unknown>;
  /** The value of `Authorization`; null sends none. */
  authorization?: string | null;
  headers?: Record<string, string>;
  signal?: AbortSignal;
};

export type House = AsyncDisposable & {
  url: string;
  /** If METRICS_PORT is set. */
  metricsUrl: string | undefined;
  sandbox: Sandbox;
  /** Every line of the operator's log so far. */
  logged: string[];
  ask: (query: string, options?: AskOptions) => Promise<Reply>;
  /** The same, but the answer is left unread. */
  stream: (query: string, options?: AskOptions) => Promise<Response>;
  /** Subscribes over SSE by graphql-sse's own client; ends when the server completes. */
  follow: (requestId: string, options?: FollowOptions) => AsyncIterableIterator<Event>;
};

// biome-ignore lint/suspicious/noExplicitAny: what came is what the test is about
export type Event = { data?: any; errors?: readonly { extensions: Record<string, any> }[] };
type FollowOptions = { authorization?: string; query?: string };

/** Nothing kept between operations, so that each one shows by itself what it costs. */
const unkept = { CACHE_FINAL_TTL_SECONDS: '0', CACHE_LIVE_TTL_SECONDS: '0', CACHE_NOT_FOUND_TTL_SECONDS: '0' };

/** `FAST_PATH=off npm test` has graphql-js execute every query: the same tests hold for both paths. */
const path = process.env.FAST_PATH === undefined ? {} : { FAST_PATH: process.env.FAST_PATH };

/** So much time that a call which ends was ended by something else. */
export const patient = {
  OPERATION_TIMEOUT_SECONDS: '60',
  UPSTREAM_HEADERS_TIMEOUT_SECONDS: '60',
  UPSTREAM_ATTEMPT_TIMEOUT_SECONDS: '60',
};

export type HouseOptions = {
  settings?: Record<string, string>;
  sandbox?: SandboxOptions;
};

export async function openHouse({ settings = {}, sandbox: sandboxOptions = {} }: HouseOptions = {}): Promise<House> {
  const sandbox = await openSandbox(sandboxOptions);
  const logged: string[] = [];
  const config = readConfig({ PORT: '0', D7_BASE_URL: sandbox.url, ...unkept, ...path, ...settings });
  const telemetry = createTelemetry(config.logLevel, { write: (line) => logged.push(line) });
  const gateway = await openGateway({
    config,
    telemetry,
    graphiql: {
      authorization: `Bearer ${sandboxToken}`,
      exampleRequestIds: ['recipients-2', 'missing'],
      exampleLargeRequestId: 'recipients-100',
      exampleLiveRequestId: 'moving',
    },
  });

  async function ask(query: string, options: AskOptions = {}): Promise<Reply> {
    const response = await stream(query, options);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: JSON.parse(text) };
  }

  function stream(query: string, { variables, authorization, headers: more, signal }: AskOptions = {}) {
    const headers = new Headers({ 'content-type': 'application/json', ...more });
    if (authorization !== null) headers.set('authorization', authorization ?? `Bearer ${sandboxToken}`);
    const body = JSON.stringify({ query, variables });
    return fetch(gateway.url, { method: 'POST', headers, body, signal: signal ?? null });
  }

  function follow(
    requestId: string,
    { authorization = `Bearer ${sandboxToken}`, query = liveLog }: FollowOptions = {},
  ) {
    const client = createClient({ url: gateway.url, headers: { authorization }, retryAttempts: 0 });
    return client.iterate({ query, variables: { requestId } }) as AsyncIterableIterator<Event>;
  }

  async function close(): Promise<void> {
    await sandbox.close();
    await gateway.close();
  }

  const { url, metricsUrl } = gateway;
  return { url, metricsUrl, sandbox, logged, ask, stream, follow, [Symbol.asyncDispose]: close };
}

/** Every field that the schema has for a log. */
const wholeResult = `
  __typename
  ... on ViberLog {
    requestId
    totalRecipients
    channel
    fetchedAt
    messages {
      requestId
      msgId
      country
      recipient
      status
      rawStatus
      numberOfViberMessage
      viberCost
      scheduleTime
    }
  }
  ... on NotFound {
    requestId
    code
    message
  }
`;

export const oneLog = `query OneLog($requestId: ID!) { viberLog(requestId: $requestId) { ${wholeResult} } }`;
export const severalLogs = `query SeveralLogs($requestIds: [ID!]!) { viberLogs(requestIds: $requestIds) { ${wholeResult} } }`;
export const liveLog = `subscription LiveLog($requestId: ID!) { viberLog(requestId: $requestId) { ${wholeResult} } }`;
