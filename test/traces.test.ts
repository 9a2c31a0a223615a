/** Traces: which spans there are, how they hang together, what D7 is sent, and that they are quiet about callers. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { readConfig } from '../src/config.ts';
import { openSandbox } from '../src/sandbox/sandbox.ts';
import { http, log, openFakeUpstream } from './fake-upstream.ts';
import { type House, type HouseOptions, oneLog, openHouse, patient, severalLogs } from './house.ts';
import { type Running, start, urlOf } from './process.ts';
import { connect } from './websocket-client.ts';

type SpanProcessor = NonNullable<NonNullable<ConstructorParameters<typeof NodeSDK>[0]>['spanProcessors']>[number];
type Span = Parameters<SpanProcessor['onEnd']>[0];

const spans: Span[] = [];
const sdk = new NodeSDK({
  spanProcessors: [
    {
      onStart() {},
      onEnd: (span) => spans.push(span),
      forceFlush: async () => {},
      shutdown: async () => {},
    },
  ],
  metricReaders: [],
  logRecordProcessors: [],
});

beforeAll(() => sdk.start());
afterAll(() => sdk.shutdown());
beforeEach(() => {
  spans.length = 0;
});

const tracesOn = { OTEL_TRACES_EXPORTER: 'otlp' };
const cached = { CACHE_FINAL_TTL_SECONDS: '60', CACHE_LIVE_TTL_SECONDS: '60', CACHE_NOT_FOUND_TTL_SECONDS: '60' };
const trace = '0af7651916cd43dd8448eb211c80319c';
const client = { traceparent: `00-${trace}-b7ad6b7169203331-01`, tracestate: 'rojo=00f067aa0ba902b7' };

const openTracedHouse = ({ settings, ...options }: HouseOptions = {}) =>
  openHouse({ settings: { ...tracesOn, ...settings }, ...options });

const named = (name: string) => spans.filter((span) => span.name === name);
const eventsOf = ({ events }: Span) => events.map(({ name }) => name);
const idOf = (span: Span) => span.spanContext().spanId;
const byId = (spanId: string | undefined) => spans.find((span) => idOf(span) === spanId);

/** Each span as `name < parent < …`, where a parent that no span of the gateway has is its id. */
function lineages(): string[] {
  const lineage = (span: Span): string => {
    const parentId = span.parentSpanContext?.spanId;
    if (parentId === undefined) return span.name;
    const parent = byId(parentId);
    return `${span.name} < ${parent ? lineage(parent) : parentId}`;
  };
  return spans.map(lineage).toSorted();
}

function sentTo({ sandbox }: House): { traceparent: string | undefined; tracestate: string | undefined }[] {
  return sandbox.calls.map(({ rawHeaders: raw }) => {
    const headerOf = (name: string) => (raw.includes(name) ? raw[raw.indexOf(name) + 1] : undefined);
    return { traceparent: headerOf('traceparent'), tracestate: headerOf('tracestate') };
  });
}

describe.each(['on', 'off'])('with FAST_PATH=%s, a query', (FAST_PATH) => {
  it('is one trace from the client through operation, read and attempt to D7', async () => {
    await using house = await openTracedHouse({ settings: { FAST_PATH } });
    const requestIds = ['recipients-2', 'missing'];
    const { body } = await house.ask(severalLogs, { variables: { requestIds }, headers: client });
    expect(body.errors).toBeUndefined();
    const chain = 'query < b7ad6b7169203331';
    expect(lineages()).toEqual([
      `attempt < read < ${chain}`,
      `attempt < read < ${chain}`,
      chain,
      `read < ${chain}`,
      `read < ${chain}`,
    ]);
    const ids = named('attempt').map((span) => `00-${trace}-${idOf(span)}-01`);
    expect(sentTo(house).toSorted((a, b) => (`${a.traceparent}` < `${b.traceparent}` ? -1 : 1))).toEqual(
      ids.toSorted().map((traceparent) => ({ traceparent, tracestate: client.tracestate })),
    );
    expect(named('query')[0]).toMatchObject({
      kind: 1,
      attributes: { 'graphql.operation.type': 'query' },
      status: { code: 0 },
    });
    expect(
      named('read')
        .map(({ attributes }) => attributes['gateway.read.kind'])
        .toSorted(),
    ).toEqual(['final', 'missing']);
    expect(named('attempt').map(({ kind, attributes }) => [kind, attributes])).toEqual(
      expect.arrayContaining([
        [2, { 'http.request.method': 'GET', 'http.request.resend_count': 0, 'http.response.status_code': 404 }],
        [2, { 'http.request.method': 'GET', 'http.request.resend_count': 0, 'http.response.status_code': 200 }],
      ]),
    );
  });

  it('begins a trace of its own where the client has none, and has it as exemplar', async () => {
    await using house = await openTracedHouse({ settings: { FAST_PATH, METRICS_PORT: '0' } });
    await house.ask(oneLog, {
      variables: { requestId: 'recipients-2' },
      headers: { traceparent: `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01` },
    });
    expect(lineages()).toEqual(['attempt < read < query', 'query', 'read < query']);
    const { traceId } = (named('query')[0] as Span).spanContext();
    const response = await fetch(house.metricsUrl as string, { headers: { accept: 'application/openmetrics-text' } });
    const text = await response.text();
    for (const metric of ['graphql_server_operation', 'http_client_request', 'gateway_d7_queue'])
      expect(text).toMatch(new RegExp(`^${metric}_duration_seconds_bucket.* # \\{trace_id="${traceId}"\\}`, 'm'));
  });

  it('has an attempt for each retry, and an event', async () => {
    await using house = await openTracedHouse({ settings: { FAST_PATH, UPSTREAM_MAX_RETRIES: '1' } });
    // One call in five may be a retry.
    await house.ask(severalLogs, { variables: { requestIds: ['a', 'b', 'c', 'd'] } });
    spans.length = 0;
    await house.ask(oneLog, { variables: { requestId: 'error-503' } });
    expect(lineages()).toEqual(['attempt < read < query', 'attempt < read < query', 'query', 'read < query']);
    expect(named('read').map(eventsOf)).toEqual([['retry']]);
    expect(named('attempt').map(({ attributes, status }) => [attributes, status.code])).toEqual(
      [0, 1].map((resends) => [
        {
          'http.request.method': 'GET',
          'http.request.resend_count': resends,
          'http.response.status_code': 503,
          'error.type': 'unavailable',
        },
        2,
      ]),
    );
    expect(named('read')[0]).toMatchObject({ attributes: { 'error.type': 'unavailable' }, status: { code: 2 } });
    expect(named('query')[0]).toMatchObject({
      attributes: { 'error.type': 'UPSTREAM_UNAVAILABLE' },
      status: { code: 2 },
    });
  });

  it('has an event in place of an attempt where its log is cached', async () => {
    await using house = await openTracedHouse({ settings: { FAST_PATH, ...cached } });
    await house.ask(oneLog, { variables: { requestId: 'recipients-2' } });
    spans.length = 0;
    await house.ask(severalLogs, { variables: { requestIds: ['recipients-2'] } });
    expect(lineages()).toEqual(['query', 'read < query']);
    expect(named('read')[0]).toMatchObject({ attributes: { 'gateway.read.source': 'memory' } });
    expect(named('read').map(eventsOf)).toEqual([['cache hit']]);
  });

  it('shares the attempt of another query, with an event and a link', async () => {
    let held: Socket | undefined;
    await using fake = await openFakeUpstream((id) => {
      if (id !== 'go') {
        return (socket) => {
          held = socket;
        };
      }
      held?.write(http('200 OK', log('held')));
      return http('200 OK', log('go'));
    });
    await using house = await openTracedHouse({ settings: { FAST_PATH, D7_BASE_URL: fake.url } });
    await using socket = await connect(house);
    await Promise.all(['held', 'held', 'go'].map((requestId) => socket.run(oneLog, { requestId })));
    expect(fake.asked).toEqual(['held', 'go']);
    const [shared] = named('read').filter((span) => eventsOf(span).includes('shared call'));
    const attempts = named('attempt').map(({ parentSpanContext }) => parentSpanContext?.spanId);
    expect(attempts).not.toContain(idOf(shared as Span));
    expect(attempts).toContain(shared?.links[0]?.context.spanId);
    expect([named('read').length, attempts.length]).toEqual([3, 2]);
  });
});

it('A trace that is not recorded is no exemplar', async () => {
  await using house = await openHouse({ settings: { METRICS_PORT: '0' } });
  const headers = { traceparent: client.traceparent.replace(/01$/, '00') };
  await house.ask(oneLog, { variables: { requestId: 'recipients-2' }, headers });
  const response = await fetch(house.metricsUrl as string, { headers: { accept: 'application/openmetrics-text' } });
  expect(await response.text()).not.toContain('trace_id');
});

it('A whole response that is cached is an event of the operation', async () => {
  await using house = await openTracedHouse({ settings: { FAST_PATH: 'on', ...cached } });
  for (let round = 0; round < 3; round += 1) await house.ask(oneLog, { variables: { requestId: 'recipients-2' } });
  // A query that comes once is not worth a cached response.
  expect(named('query').map(eventsOf)).toEqual([[], [], ['cache hit']]);
  expect(named('read').length).toBe(2);
});

it('A call that fails for all its readers is a shared call of each', async () => {
  await using house = await openTracedHouse({
    settings: { UPSTREAM_ATTEMPT_TIMEOUT_SECONDS: '0.3', UPSTREAM_MAX_RETRIES: '0' },
  });
  await using socket = await connect(house);
  await Promise.all([0, 1].map(() => socket.run(oneLog, { requestId: 'silent' })));
  expect(named('read').map(eventsOf).toSorted()).toEqual([[], ['shared call']]);
  expect(named('read').map(({ attributes }) => attributes['error.type'])).toEqual(['timeout', 'timeout']);
});

it.each(['on', 'off'])('A client that disconnects ends its spans, with FAST_PATH=%s', async (FAST_PATH) => {
  await using house = await openTracedHouse({ settings: { FAST_PATH, ...patient } });
  const controller = new AbortController();
  const asked = house
    .ask(oneLog, { variables: { requestId: 'silent' }, signal: controller.signal })
    .catch(() => 'left');
  await expect.poll(() => house.sandbox.callCount()).toBe(1);
  controller.abort();
  expect(await asked).toBe('left');
  await expect.poll(lineages).toEqual(['attempt < read < query', 'query', 'read < query']);
  const types = ['attempt', 'read'].map((name) => named(name)[0]?.attributes['error.type']);
  expect(types).toEqual(['cancelled', 'cancelled']);
});

it('A call that is not sent says why', async () => {
  const settings = { BREAKER_MIN_CALLS: '1', BREAKER_OPEN_SECONDS: '60', UPSTREAM_MAX_RETRIES: '0' };
  await using house = await openTracedHouse({ settings });
  const ask = () => house.ask(oneLog, { variables: { requestId: 'error-503' } });
  await expect
    .poll(async () => {
      await ask();
      return named('attempt').at(-1)?.attributes;
    })
    .toEqual({ 'http.request.method': 'GET', 'http.request.resend_count': 0, 'error.type': 'circuitOpen' });
});

it('An operation that reads nothing is a span, too', async () => {
  await using house = await openTracedHouse();
  await house.ask('{ __typename }', { headers: client });
  await house.ask('{ nothing }', { headers: client });
  await house.ask(oneLog, { variables: { requestId: 'recipients-2' }, authorization: null, headers: client });
  expect(spans.map(({ name, attributes }) => [name, attributes['error.type']])).toEqual([
    ['query', undefined],
    ['GraphQL Operation', 'GRAPHQL_VALIDATION_FAILED'],
    ['query', 'UNAUTHENTICATED'],
  ]);
  expect(new Set(lineages().map((lineage) => lineage.split(' < ')[1]))).toEqual(new Set(['b7ad6b7169203331']));
});

it.each(['server-sent events', 'WebSocket'])(
  'A subscription over %s is a span, and each poll a trace with a link to it',
  async (transport) => {
    await using house = await openTracedHouse({
      settings: { LIVE_MIN_INTERVAL_SECONDS: '0.05', LIVE_NOT_FOUND_SECONDS: '0.2' },
    });
    const query = 'subscription ($requestId: ID!) { viberLog(requestId: $requestId) { __typename } }';
    if (transport === 'WebSocket') {
      await using socket = await connect(house, { headers: client });
      await socket.run(query, { requestId: 'missing' });
    } else for await (const _ of house.follow('missing', { query }));
    await expect.poll(() => named('subscription').length).toBe(1);
    const [subscription] = named('subscription') as [Span];
    const polls = named('poll');
    expect(polls.length).toBe(house.sandbox.callCount());
    expect(polls.length).toBeGreaterThan(1);
    for (const { links, parentSpanContext } of polls) {
      expect([links[0]?.context.spanId, parentSpanContext]).toEqual([idOf(subscription), undefined]);
    }
    expect(new Set(polls.map((span) => span.spanContext().traceId)).size).toBe(polls.length);
    const attempts = named('attempt').map((span) => `00-${span.spanContext().traceId}-${idOf(span)}-01`);
    expect(sentTo(house).map(({ traceparent }) => traceparent)).toEqual(attempts);
    const ofClient = transport === 'WebSocket' ? trace : undefined;
    expect(subscription.parentSpanContext?.traceId).toBe(ofClient);
  },
);

it('A client chooses names, ids and tokens, and D7 sends phone numbers', async () => {
  await using house = await openTracedHouse({ settings: { LIVE_NOT_FOUND_SECONDS: '0' } });
  const headers = { 'apollographql-client-name': 'chosen-client', 'x-request-id': 'chosen-request' };
  const ask = async (requestId: string, authorization = 'Bearer sandbox-token') =>
    house.ask(oneLog.replace('OneLog', 'ChosenName'), { variables: { requestId }, headers, authorization });
  const ids = ['recipients-3', 'missing', 'chosen-id', 'other-id', 'wrong-type', 'error-503', 'reset', 'cut-off'];
  for (const id of ids) await ask(id);
  await ask('recipients-3', 'Bearer chosen-token');
  for await (const _ of house.follow('chosen-id'));
  expect(spans.length).toBeGreaterThan(20);
  const texts = spans.map(({ name, attributes, events, links, status }) =>
    JSON.stringify({ name, attributes, events, links, status }),
  );
  const { host, port } = new URL(house.sandbox.url);
  const secret = new RegExp(
    `chosen|sandbox|${ids.join('|').replace('missing|', '')}|127\\.0\\.0\\.1|${host}|:${port}|\\+?97150|viber-log`,
    'i',
  );
  expect(texts.filter((text) => secret.test(text))).toEqual([]);
});

describe('a gateway of its own', () => {
  /** A collector: it keeps what it is sent over OTLP/HTTP as JSON. */
  async function openCollector() {
    // biome-ignore lint/suspicious/noExplicitAny: what came is what the test is about
    const received: any[] = [];
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      received.push({ url: request.url, ...JSON.parse(Buffer.concat(chunks).toString()) });
      response.setHeader('content-type', 'application/json').end('{}');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const close = async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    };
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { url, received, [Symbol.asyncDispose]: close };
  }

  /** A module that Node loads first, and that sees the name of each further one. */
  const hooked = (body: string) =>
    `--import ${JSON.stringify(
      `data:text/javascript,${encodeURIComponent(
        `import { registerHooks } from 'node:module'; registerHooks({ resolve(name, context, next) { ${body} return next(name, context); } });`,
      )}`,
    )}`;

  const ask = (url: string) =>
    fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer sandbox-token' },
      body: JSON.stringify({ query: oneLog, variables: { requestId: 'recipients-2' } }),
    });

  const stop = (gateway: Running) => {
    gateway.child.kill('SIGTERM');
    return gateway.ended;
  };

  it('sends its spans to the collector of the usual variables, the last ones when it stops', async () => {
    await using collector = await openCollector();
    await using sandbox = await openSandbox();
    await using gateway = start('src/main.ts', {
      PORT: '0',
      D7_BASE_URL: sandbox.url,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    });
    const url = await urlOf(gateway);
    const asked = 100;
    const responses = await Promise.all(Array.from({ length: asked }, () => ask(url)));
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await stop(gateway)).toEqual([0, null]);
    expect(collector.received.map(({ url }) => url)).toEqual(['/v1/traces']);
    const [{ resource, scopeSpans }] = collector.received[0].resourceSpans;
    expect(resource.attributes).toContainEqual({ key: 'service.name', value: { stringValue: 'viber-log-gateway' } });
    const sent: { name: string; traceId: string; spanId: string }[] = scopeSpans.flatMap(
      ({ spans }: { spans: object[] }) => spans,
    );
    expect(new Set(sent.map(({ name }) => name))).toEqual(new Set(['attempt', 'query', 'read']));
    // Each has an id of its own.
    expect(new Set(sent.map(({ traceId }) => traceId)).size).toBe(asked);
    expect(new Set(sent.map(({ spanId }) => spanId)).size).toBe(sent.length);
    const shapeless = sent.filter((span) => !/^[0-9a-f]{32} [0-9a-f]{16}$/.test(`${span.traceId} ${span.spanId}`));
    expect(shapeless).toEqual([]);
    // The address of a collector may have credentials.
    expect(gateway.written()).not.toContain(collector.url);
  });

  it('No collector takes the spans', async () => {
    await using sandbox = await openSandbox();
    await using gateway = start('src/main.ts', {
      PORT: '0',
      D7_BASE_URL: sandbox.url,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:9/chosen',
      OTEL_EXPORTER_OTLP_TIMEOUT: '100',
      OTEL_BSP_SCHEDULE_DELAY: '100',
    });
    expect((await ask(await urlOf(gateway))).status).toBe(200);
    await gateway.lineWith('traces not sent');
    expect(await stop(gateway)).toEqual([0, null]);
    expect(gateway.written()).not.toContain('chosen');
  });

  it('stops in time when its collector does not answer', async () => {
    await using collector = await openFakeUpstream(() => () => {});
    await using sandbox = await openSandbox();
    const settings = { PORT: '0', D7_BASE_URL: sandbox.url, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector.url };
    await using gateway = start('src/main.ts', settings);
    expect((await ask(await urlOf(gateway))).status).toBe(200);
    expect(await stop(gateway)).toEqual([0, null]);
  });

  it('says which package is missing', async () => {
    const missing = hooked(
      "if (name === '@opentelemetry/sdk-node') throw Object.assign(new Error(name), { code: 'ERR_MODULE_NOT_FOUND' });",
    );
    await using gateway = start('src/main.ts', { PORT: '0', NODE_OPTIONS: missing, ...tracesOn });
    expect(await gateway.ended).toEqual([1, null]);
    const version = manifest.devDependencies['@opentelemetry/sdk-node'];
    expect(gateway.written()).toContain('npm install --prefix .. --no-save @');
    expect(gateway.written()).toContain(` @opentelemetry/sdk-node@${version}`);
  });

  it('loads nothing of traces without the variables', async () => {
    const none = hooked(`if (/opentelemetry|^\\.\\/traces/.test(name)) console.log('loaded ' + name);`);
    await using sandbox = await openSandbox();
    await using gateway = start('src/main.ts', { PORT: '0', D7_BASE_URL: sandbox.url, NODE_OPTIONS: none });
    expect((await ask(await urlOf(gateway))).status).toBe(200);
    expect(sandbox.calls[0]?.rawHeaders).not.toContain('traceparent');
    expect(await stop(gateway)).toEqual([0, null]);
    expect(gateway.written()).not.toContain('loaded');
  });
});

const collector = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };

it.each([
  [{}, null],
  [collector, { serviceName: 'viber-log-gateway' }],
  [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://collector/v1/traces' }, { serviceName: 'viber-log-gateway' }],
  [{ OTEL_TRACES_EXPORTER: 'otlp' }, { serviceName: 'viber-log-gateway' }],
  [{ ...collector, OTEL_TRACES_EXPORTER: 'none' }, null],
  [{ ...collector, OTEL_SDK_DISABLED: 'TRUE' }, null],
  [{ ...collector, OTEL_SDK_DISABLED: 'false' }, { serviceName: 'viber-log-gateway' }],
  [{ ...collector, OTEL_SERVICE_NAME: 'logs' }, { serviceName: undefined }],
  [{ ...collector, OTEL_RESOURCE_ATTRIBUTES: 'a=b,service.name=logs' }, { serviceName: undefined }],
])('The variables %o mean %o', (environment, traces) => {
  expect(readConfig(environment as Record<string, string>).traces).toEqual(traces);
});
