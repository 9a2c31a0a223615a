/** The metrics: what they count, that they are quiet about callers, and who can read them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { counters, gauges, histograms } from '../src/metrics/table.ts';
import { sandboxToken } from '../src/sandbox/sandbox.ts';
import { type House, liveLog, oneLog, openHouse, severalLogs } from './house.ts';

const metricsOn = { METRICS_PORT: '0' };
const cached = { CACHE_FINAL_TTL_SECONDS: '60', CACHE_LIVE_TTL_SECONDS: '60', CACHE_NOT_FOUND_TTL_SECONDS: '60' };

async function scrape({ metricsUrl }: House, accept = 'text/plain'): Promise<string> {
  const response = await fetch(metricsUrl as string, { headers: { accept } });
  expect(response.status).toBe(200);
  return response.text();
}

/** The sum of all series of this name with these labels. */
function sumOf(text: string, name: string, labels: Record<string, string> = {}): number {
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return lines
    .filter((line) => wanted.every((pair) => line.includes(pair)))
    .reduce((sum, line) => sum + Number(line.split(' # ')[0]?.split(' ').at(-1)), 0);
}

describe('metrics', () => {
  it('are off by default', async () => {
    await using house = await openHouse();
    expect(house.metricsUrl).toBeUndefined();
    const response = await fetch(new URL('/metrics', house.url));
    expect(response.status).toBe(404);
  });

  it('have every row of the table, and no metric twice', async () => {
    await using house = await openHouse({ settings: metricsOn });
    await house.ask(oneLog, { variables: { requestId: 'recipients-2' } });
    const text = await scrape(house);
    const rows = [...Object.values(counters), ...Object.values(histograms), ...Object.values(gauges)];
    const types = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name);
    expect(rows.map(({ name }) => name).filter((name) => !types.includes(name))).toEqual([]);
    expect(new Set(types).size).toBe(types.length);
    expect(types).toEqual(expect.arrayContaining(['process_cpu_seconds_total', 'nodejs_eventloop_lag_p99_seconds']));
  });

  it('count operations by type and code, reads by source and kind, and calls by outcome and status', async () => {
    await using house = await openHouse({ settings: { ...metricsOn, ...cached, UPSTREAM_MAX_RETRIES: '0' } });
    const requestIds = ['recipients-2', 'missing', 'error-500', 'error-429'];
    for (let round = 0; round < 3; round += 1) await house.ask(severalLogs, { variables: { requestIds } });
    await house.ask('{ nothing }');
    const text = await scrape(house);
    const operations = (labels: Record<string, string>) => sumOf(text, 'graphql_server_operations_total', labels);
    expect(operations({})).toBe(4);
    expect(operations({ graphql_operation_type: 'query', code: 'UPSTREAM_UNAVAILABLE' })).toBeGreaterThan(0);
    expect(operations({ graphql_operation_type: 'unknown', code: 'GRAPHQL_VALIDATION_FAILED' })).toBe(1);
    expect(sumOf(text, 'graphql_server_operation_duration_seconds_count', { graphql_operation_type: 'query' })).toBe(3);
    const attempts = (labels: Record<string, string>) =>
      sumOf(text, 'http_client_request_duration_seconds_count', labels);
    expect(attempts({})).toBe(house.sandbox.callCount());
    expect(attempts({ outcome: 'unavailable', http_response_status_class: '5xx' })).toBe(3);
    expect(attempts({ outcome: 'rateLimited', http_response_status_class: '4xx' })).toBe(3);
    expect(sumOf(text, 'gateway_d7_queue_duration_seconds_count')).toBe(house.sandbox.callCount());
    const reads = (source: string, kind: string) => sumOf(text, 'gateway_log_reads_total', { source, kind });
    expect([reads('d7', 'final') + reads('d7', 'live'), reads('d7', 'missing')]).toEqual([1, 1]);
    expect([reads('memory', 'final') + reads('memory', 'live'), reads('memory', 'missing')]).toEqual([2, 2]);
    const requests = (labels: Record<string, string>) =>
      sumOf(text, 'http_server_request_duration_seconds_count', labels);
    expect(requests({ http_route: '/graphql', http_response_status_code: '200' })).toBeGreaterThanOrEqual(3);
    expect(sumOf(text, 'graphql_server_response_bytes_total', { transport: 'http' })).toBeGreaterThan(1000);
  });

  it('count calls that were not sent, circuits and retries', async () => {
    const settings = { ...metricsOn, BREAKER_MIN_CALLS: '5', BREAKER_OPEN_SECONDS: '60' };
    await using house = await openHouse({ settings });
    for (let round = 0; round < 30; round += 1) await house.ask(oneLog, { variables: { requestId: 'error-503' } });
    const text = await scrape(house);
    expect(sumOf(text, 'gateway_d7_calls_not_sent_total', { reason: 'circuitOpen' })).toBeGreaterThan(0);
    expect(sumOf(text, 'gateway_d7_circuit_changes_total', { scope: 'caller', state: 'open' })).toBe(1);
    expect(sumOf(text, 'gateway_d7_circuits', { scope: 'caller', state: 'open' })).toBe(1);
    expect(sumOf(text, 'gateway_d7_retries_total')).toBeGreaterThan(0);
  });

  it('count subscriptions, polls and events', async () => {
    await using house = await openHouse({ settings: { ...metricsOn, LIVE_MIN_INTERVAL_SECONDS: '0.05' } });
    let events = 0;
    for await (const _ of house.follow('recipients-2')) events += 1;
    const text = await scrape(house);
    expect(sumOf(text, 'graphql_server_subscription_events_total')).toBe(events);
    expect(sumOf(text, 'gateway_polls_total')).toBeGreaterThan(0);
    expect(sumOf(text, 'graphql_server_operations_total', { graphql_operation_type: 'subscription' })).toBe(1);
    expect(sumOf(text, 'graphql_server_response_bytes_total', { transport: 'sse' })).toBeGreaterThan(100);
    expect(sumOf(text, 'gateway_subscriptions')).toBe(0);
  });

  it('count schema drift by field', async () => {
    await using house = await openHouse({ settings: metricsOn });
    await house.ask(oneLog, { variables: { requestId: 'scheduled-unreadably' } });
    expect(await scrape(house)).toMatch(/gateway_d7_schema_drift_values_total\{field="messages\[\]\.[a-z_]+"\} [1-9]/);
  });

  it('have the trace of a caller as an exemplar in OpenMetrics only', async () => {
    await using house = await openHouse({ settings: metricsOn });
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
    await house.ask(oneLog, { variables: { requestId: 'recipients-2' }, headers });
    const openMetrics = await scrape(house, 'application/openmetrics-text; version=1.0.0');
    expect(openMetrics).toMatch(new RegExp(`_bucket\\{[^}]*\\} 1 # \\{trace_id="${traceId}"\\}`));
    expect(openMetrics.endsWith('# EOF\n')).toBe(true);
    expect(await scrape(house)).not.toContain(traceId);
  });

  it('A client chooses names, ids and paths', async () => {
    await using house = await openHouse({ settings: { ...metricsOn, LIVE_NOT_FOUND_SECONDS: '0' } });
    const query = oneLog.replace('OneLog', 'ChosenName');
    await house.ask(query, {
      variables: { requestId: 'chosen-id' },
      headers: { 'apollographql-client-name': 'chosen-client', 'x-request-id': 'chosen-request' },
      authorization: 'Bearer chosen-token',
    });
    await fetch(new URL('/chosen-path', house.url));
    await house
      .ask(liveLog.replace('LiveLog', 'ChosenName'), { variables: { requestId: 'chosen-id' } })
      .catch(() => {});
    const text = await scrape(house, 'application/openmetrics-text');
    expect(text.match(/chosen|sandbox-token/gi)).toBeNull();
    expect(sumOf(text, 'http_server_request_duration_seconds_count', { http_route: 'other' })).toBe(1);
  });

  it.each(['/', '/graphql', '/metrics/'])('are the only thing on their port: %s', async (path) => {
    await using house = await openHouse({ settings: metricsOn });
    const response = await fetch(new URL(path, house.metricsUrl));
    expect([response.status, response.headers.get('x-request-id')]).toEqual([404, expect.any(String)]);
  });
});

describe('the line of an operation', () => {
  let house: House;
  beforeAll(async () => {
    house = await openHouse({ settings: cached, sandbox: { tokens: [sandboxToken, 'other-token'] } });
  });
  afterAll(() => house[Symbol.asyncDispose]());

  const lines = () => house.logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'operation');

  async function lineOf(requestIds: string[], authorization = `Bearer ${sandboxToken}`) {
    const { headers, text } = await house.ask(severalLogs, { variables: { requestIds }, authorization });
    const line = lines().find(({ operationId }) => operationId === headers.get('x-request-id'));
    return { ...line, text };
  }

  it('says where its logs came from, and its bytes', async () => {
    const first = await lineOf(['recipients-2', 'missing']);
    expect(first).toMatchObject({ cached: 0, shared: 0, called: 2, bytes: Buffer.byteLength(first.text) });
    for (let round = 0; round < 3; round += 1)
      expect(await lineOf(['recipients-2', 'missing'])).toMatchObject({ cached: 2, shared: 0, called: 0 });
    const both = await Promise.all([lineOf(['recipients-3']), lineOf(['recipients-3'])]);
    expect(both.map(({ shared, called }) => [shared, called]).toSorted()).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });

  it('has a hash by which the lines of one caller can be followed, and from which no token can be guessed', async () => {
    const mine = [await lineOf(['recipients-2']), await lineOf(['missing'])];
    const theirs = await lineOf(['recipients-2'], 'Bearer other-token');
    const { headers } = await house.ask('{ nothing }', { authorization: 'Bearer other-token' });
    const refused = lines().find(({ operationId }) => operationId === headers.get('x-request-id'));
    expect(mine[0].caller).toMatch(/^[\w-]{12}$/);
    expect(mine[1].caller).toBe(mine[0].caller);
    expect(theirs.caller).not.toBe(mine[0].caller);
    expect(refused.caller).toBe(theirs.caller);
    expect((await lineOf(['missing'], '')).caller).toBeUndefined();
    // Of another process, with a secret of its own.
    await using elsewhere = await openHouse();
    await elsewhere.ask(oneLog, { variables: { requestId: 'missing' } });
    const [other] = elsewhere.logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'operation');
    expect(other.caller).not.toBe(mine[0].caller);
  });
});

describe('a circuit', () => {
  it('has one line for each change, with its scope', async () => {
    const settings = { BREAKER_MIN_CALLS: '5', BREAKER_OPEN_SECONDS: '0.1', UPSTREAM_MAX_RETRIES: '0' };
    await using house = await openHouse({ settings });
    const read = (requestId: string) => house.ask(oneLog, { variables: { requestId } });
    const changes = () => house.logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg.startsWith('circuit '));
    for (let round = 0; round < 10; round += 1) await read('error-503');
    await expect
      .poll(async () => {
        await read('recipients-2');
        return changes().map(({ msg }) => msg.split(':')[0]);
      })
      .toEqual(['circuit opens', 'circuit half-opens', 'circuit closes']);
    const [operation] = house.logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'operation');
    expect(changes()).toMatchObject(Array(3).fill({ scope: 'caller', caller: operation.caller }));
  });
});
