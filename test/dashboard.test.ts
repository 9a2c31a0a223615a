/** The dashboard and the alerts: a real Prometheus runs their queries, and four failures look different in them. */
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import dashboard from '../.deploy/grafana/dashboards/viber-log-gateway.json' with { type: 'json' };
import { ofWorkers } from '../src/metrics/table.ts';
import { sandboxToken } from '../src/sandbox/sandbox.ts';
import { http, log, openFakeUpstream, type Says } from './fake-upstream.ts';
import { type House, oneLog, openHouse } from './house.ts';
import { openPrometheus, type Prometheus, prometheusWanted, promtool } from './prometheus.ts';
import { documentAt } from './readme.ts';

const alertsFile = new URL('../.deploy/prometheus/alerts.yml', import.meta.url).pathname;
const alerts = documentAt('.deploy/prometheus/alerts.yml');
const alertNames = [...alerts.matchAll(/- alert: (\w+)/g)].map(([, name]) => name as string);
const panels = dashboard.panels.flatMap(({ title, targets = [] }: { title: string; targets?: { expr: string }[] }) =>
  targets.map(({ expr }, index) => ({ title, index, expr })),
);
const metricName = /\b(?:gateway|graphql_server|http_server|http_client|nodejs|process)_\w+/g;
/** Labels that look like metrics. */
const labels = new Set(['http_route', 'http_response_status_code', 'http_response_status_class']);

function expressionOf(title: string, index: number, instance: string): string {
  const panel = panels.find((one) => one.title === title && one.index === index);
  if (panel === undefined) throw new Error(`The dashboard has no panel "${title}" with ${index + 1} queries.`);
  return concrete(panel.expr, instance);
}

/** As Grafana fills in its variables. */
function concrete(expr: string, instance = '.*'): string {
  return expr.replaceAll('$__rate_interval', '1m').replaceAll('$job', '.*').replaceAll('$instance', instance);
}

it('names only metrics that the gateway has', async () => {
  await using house = await openHouse({ settings: { METRICS_PORT: '0' } });
  await house.ask(oneLog, { variables: { requestId: 'recipients-2' } });
  const text = await (await fetch(house.metricsUrl as string)).text();
  const named = [...panels.map(({ expr }) => expr), ...alerts.matchAll(/expr: .*(?:\n {10,}.*)*/g)]
    .join('\n')
    .match(metricName);
  const names = [...new Set(named)].filter((name) => !labels.has(name));
  expect(names.length).toBeGreaterThan(20);
  const ofPrimary = new Set<string>(Object.values(ofWorkers).map(({ name }) => name));
  const missing = names.filter(
    (name) => !ofPrimary.has(name) && !text.includes(`\n${name}{`) && !text.includes(`\n${name} `),
  );
  expect(missing).toEqual([]);
});

describe.runIf(prometheusWanted)('Prometheus', () => {
  it('accepts the alerts, and each of them fires in its failure alone', async () => {
    const cases = documentAt('test/prometheus/alerts.test.yml');
    expect(alertNames.filter((name) => !cases.includes(`alertname="${name}"`))).toEqual([]);
    expect(await promtool('check', 'rules', alertsFile)).toContain(`SUCCESS: ${alertNames.length} rules found`);
    const file = new URL('prometheus/alerts.test.yml', import.meta.url).pathname;
    expect(await promtool('test', 'rules', file)).toContain('SUCCESS');
    expect(
      await promtool('check', 'config', '--syntax-only', alertsFile.replace('alerts.yml', 'prometheus.yml')),
    ).toContain('SUCCESS');
  });

  it('distinguishes D7 that is slow, that fails, that limits one caller, and an overloaded gateway', async () => {
    await using healthy = await openScenario(good);
    await using slow = await openScenario(after(1500));
    await using failing = await openScenario(() => http('503 Oh', ''));
    await using limiting = await openScenario((id) => (id === 'log-0' ? http('429 Too Many', '') : good(id)));
    await using overloaded = await openScenario(after(300), { UPSTREAM_CONNECTIONS: '1', UPSTREAM_QUEUE: '2' });
    const scenarios = { healthy, slow, failing, limiting, overloaded };
    const urls = Object.entries(scenarios).map(([name, { house }]) => [name, house.metricsUrl as string]);
    await using prometheus = await openPrometheus(Object.fromEntries(urls));
    expect((await prometheus.alerts()).toSorted()).toEqual(alertNames.toSorted());

    const until = performance.now() + 8000;
    await Promise.all(Object.values(scenarios).map(({ house }) => loadUntil(house, until)));

    for (const [name, { house }] of Object.entries(scenarios)) {
      const expected = {
        isSlow: name === 'slow',
        isFailing: name === 'failing',
        isLimiting: name === 'limiting',
        isOverloaded: name === 'overloaded',
      };
      expect([name, await onDashboard(prometheus, name)]).toEqual([name, expected]);
      expect([name, inLog(house)]).toEqual([name, expected]);
    }
    // One caller only, and nobody learns who from anything but its hash.
    const limited = operationsOf(limiting.house).filter(({ codes }) => codes.includes('RATE_LIMITED'));
    expect(new Set(limited.map(({ caller }) => caller)).size).toBe(1);
    // Every query of the dashboard is valid.
    for (const { expr } of panels) await prometheus.query(concrete(expr));
  }, 120_000);
});

const good = (id: string): Says => http('200 OK', log(id));
const after =
  (ms: number) =>
  (id: string): Says =>
  (socket) =>
    void setTimeout(() => socket.write(http('200 OK', log(id))), ms);

async function openScenario(says: (requestId: string) => Says, settings: Record<string, string> = {}) {
  const fake = await openFakeUpstream(says);
  const house = await openHouse({
    settings: { METRICS_PORT: '0', D7_BASE_URL: fake.url, UPSTREAM_MAX_RETRIES: '0', ...settings },
  });
  const close = async () => {
    await fake[Symbol.asyncDispose]();
    await house[Symbol.asyncDispose]();
  };
  return { house, [Symbol.asyncDispose]: close };
}

/** By six callers, each of whom reads a log of its own. */
async function loadUntil(house: House, untilMs: number): Promise<void> {
  async function ask(caller: number): Promise<void> {
    while (performance.now() < untilMs) {
      const authorization = `Bearer ${sandboxToken}-${caller}`;
      await house.ask(oneLog, { variables: { requestId: `log-${caller}` }, authorization });
      await pause(50);
    }
  }
  await Promise.all(Array.from({ length: 6 }, (_, caller) => ask(caller)));
}

/** What a person sees on the dashboard. */
async function onDashboard(prometheus: Prometheus, instance: string) {
  async function at(title: string, labels: Record<string, string> = {}): Promise<number> {
    const samples = await prometheus.query(expressionOf(title, 0, instance));
    const wanted = samples.filter(({ metric }) => Object.entries(labels).every(([label, of]) => metric[label] === of));
    return wanted.reduce((sum, { value }) => sum + (Number.isNaN(value) ? 0 : value), 0);
  }
  return {
    isSlow: (await at('Duration of calls to D7')) > 1,
    isFailing: (await at('Failed calls to D7')) > 0.5,
    isLimiting: (await at('Calls that D7 refuses', { outcome: 'rateLimited' })) > 0,
    isOverloaded: (await at('Errors, by code', { code: 'OVERLOADED' })) > 0,
  };
}

/** What a person sees in the log. */
function inLog(house: House) {
  const attempts = linesOf(house).filter(({ attempt }) => attempt !== undefined);
  const failed = attempts.filter(({ outcome }) => outcome === 'unavailable');
  const durations = attempts.map(({ durationMs, queueMs }) => durationMs - queueMs).toSorted((a, b) => a - b);
  return {
    isSlow: (durations[Math.floor(durations.length / 2)] ?? 0) > 1000,
    isFailing: failed.length > attempts.length / 2,
    isLimiting: attempts.some(({ outcome }) => outcome === 'rateLimited'),
    isOverloaded: operationsOf(house).some(({ codes }) => codes.includes('OVERLOADED')),
  };
}

function linesOf({ logged }: House) {
  return logged.map((line) => JSON.parse(line));
}

function operationsOf(house: House) {
  return linesOf(house).filter(({ msg }) => msg === 'operation');
}
