/** Several workers on one port: how they start, share, count, are replaced, and go. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../src/config.ts';
import { ofWorkers } from '../src/metrics/table.ts';
import { openSandbox } from '../src/sandbox/sandbox.ts';
import { dividedSettings, settings } from '../src/settings.ts';
import { restartDelayMs, soonEndsAfter } from '../src/workers/restart-delay.ts';
import { http, log, openFakeUpstream } from './fake-upstream.ts';
import { oneLog } from './house.ts';
import { type Running, start, urlOf } from './process.ts';
import { codesIn, documentAt, tableUnder } from './readme.ts';

const count = 2;
const kept = { CACHE_FINAL_TTL_SECONDS: '60', CACHE_LIVE_TTL_SECONDS: '60', CACHE_NOT_FOUND_TTL_SECONDS: '60' };

const startWorkers = (environment: Record<string, string> = {}): Running =>
  start('src/main.ts', { PORT: '0', WORKERS: String(count), ...environment });

type Line = { msg: string; pid?: number; restartInMs?: number; reason?: string; caller?: string };

function linesOf({ written }: Running, msg: string): Line[] {
  const lines = written()
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'));
  return lines.map((line) => JSON.parse(line) as Line).filter((line) => line.msg === msg);
}

const pidsOf = (running: Running): number[] => linesOf(running, 'worker started').map(({ pid }) => pid as number);

const hasEnded = (pid: number): boolean => {
  try {
    return !process.kill(pid, 0);
  } catch {
    return true;
  }
};

type Reply = {
  status: number;
  body: { data?: Record<string, { requestId: string } | null>; errors?: { extensions: { code: string } }[] };
};

/** Asks on one connection, so that one worker answers: the primary passes connections to the workers in turn. */
function openConnection(url: string, token = 'sandbox-token') {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const ask = (requestId: string) =>
    new Promise<Reply>((resolve, reject) => {
      const sent = request(url, { method: 'POST', agent, headers }, async (response) => {
        let text = '';
        for await (const chunk of response.setEncoding('utf8')) text += chunk;
        resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) });
      });
      sent.on('error', reject).end(JSON.stringify({ query: oneLog, variables: { requestId } }));
    });
  return { ask, [Symbol.dispose]: () => agent.destroy() };
}

const codeOf = ({ body }: Reply) => body.errors?.[0]?.extensions.code;
const idOf = ({ body }: Reply) => body.data?.viberLog?.requestId;

/** The sum of the samples of a metric. */
async function figure(metricsUrl: string, name: string): Promise<number> {
  const text = await (await fetch(metricsUrl)).text();
  const samples = text.split('\n').filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
  return samples.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
}

const metricsUrlOf = async ({ lineWith }: Running): Promise<string> =>
  JSON.parse(await lineWith('listening')).metricsUrl;

describe('several workers', () => {
  it('answer on one port, each with its own cache, and give a caller one name in the log', async () => {
    await using sandbox = await openSandbox();
    await using gateway = startWorkers({ D7_BASE_URL: sandbox.url, ...kept });
    const url = await urlOf(gateway);
    for (const _ of ['one', 'other', 'one again', 'other again']) {
      using connection = openConnection(url);
      expect(idOf(await connection.ask('recipients-1'))).toBe('recipients-1');
    }
    expect(sandbox.callCount()).toBe(count);
    await expect.poll(() => linesOf(gateway, 'operation')).toHaveLength(4);
    expect(new Set(linesOf(gateway, 'operation').map(({ caller }) => caller)).size).toBe(1);
    for (const probe of ['/health', '/ready']) {
      expect(await (await fetch(new URL(probe, url))).json()).toEqual({ ok: true });
    }
  });

  it('D7 rejects a caller whose logs another worker caches', async () => {
    let isRejected = false;
    await using fake = await openFakeUpstream((id) =>
      id === 'rejected' || isRejected ? http('401 No', '') : http('200 OK', log(id)),
    );
    await using gateway = startWorkers({ D7_BASE_URL: fake.url, ...kept });
    const url = await urlOf(gateway);
    using one = openConnection(url);
    using other = openConnection(url);
    using othersToken = openConnection(url, 'of-somebody-else');
    for (const { ask } of [one, other, othersToken, one, other]) expect(idOf(await ask('a'))).toBe('a');
    expect(fake.asked).toEqual(['a', 'a', 'a']);
    isRejected = true;
    expect(codeOf(await one.ask('rejected'))).toBe('UNAUTHENTICATED');
    await expect.poll(async () => codeOf(await other.ask('a'))).toBe('UNAUTHENTICATED');
    // Nobody else has lost anything.
    expect(idOf(await othersToken.ask('a'))).toBe('a');
  });

  it('A worker ends, and no counter of the one endpoint for metrics goes backwards', async () => {
    await using sandbox = await openSandbox();
    await using gateway = startWorkers({ D7_BASE_URL: sandbox.url, METRICS_PORT: '0' });
    const url = await urlOf(gateway);
    const metricsUrl = await metricsUrlOf(gateway);
    const operations = () => figure(metricsUrl, 'graphql_server_operations_total');
    const ends = () => figure(metricsUrl, ofWorkers.ends.name);
    const running = () => figure(metricsUrl, ofWorkers.running.name);
    for (let index = 0; index < 10; index += 1) {
      using connection = openConnection(url);
      await connection.ask('recipients-1');
    }
    expect(await operations()).toBe(10);
    expect([await running(), await ends()]).toEqual([count, 0]);
    expect(await figure(metricsUrl, 'gateway_bytes_in_flight_limit')).toBe(
      settings.MAX_BYTES_IN_FLIGHT.parse(undefined),
    );
    process.kill(pidsOf(gateway)[0] as number, 'SIGKILL');
    await gateway.lineWith('worker ended');
    expect(await operations()).toBe(10);
    expect(await ends()).toBe(1);
    await expect.poll(() => pidsOf(gateway)).toHaveLength(count + 1);
    expect(await operations()).toBe(10);
    expect([await running(), await ends()]).toEqual([count, 1]);
    const openMetrics = await fetch(metricsUrl, { headers: { accept: 'application/openmetrics-text' } });
    expect(await openMetrics.text()).toMatch(/^# TYPE graphql_server_operations counter$(.|\n)*# EOF\n$/m);
  });
});

describe('a worker that ends', () => {
  it('All workers end at once', async () => {
    await using sandbox = await openSandbox();
    await using gateway = startWorkers({ D7_BASE_URL: sandbox.url });
    const url = await urlOf(gateway);
    for (const pid of pidsOf(gateway)) process.kill(pid, 'SIGKILL');
    await expect.poll(() => pidsOf(gateway)).toHaveLength(count * 2);
    using connection = openConnection(url);
    expect(idOf(await connection.ask('recipients-1'))).toBe('recipients-1');
    expect(linesOf(gateway, 'worker ended: another one is started')).toMatchObject([
      { reason: 'SIGKILL', restartInMs: 100 },
      { reason: 'SIGKILL', restartInMs: 100 },
    ]);
  });

  it('A worker ends before it takes the connection that it was given', async () => {
    await using gateway = startWorkers();
    const { port } = new URL(await urlOf(gateway));
    const [stopped = 0] = pidsOf(gateway);
    process.kill(stopped, 'SIGSTOP');
    const ends: Promise<string>[] = [];
    for (let index = 0; index < count; index += 1) {
      const socket = connect(Number(port), '127.0.0.1', () => socket.write('GET /health HTTP/1.1\r\nhost: x\r\n\r\n'));
      ends.push(
        new Promise((resolve) => {
          socket.once('data', () => resolve('answered')).on('error', () => resolve('closed'));
          socket.once('close', () => resolve('closed'));
        }),
      );
    }
    // The other one goes on.
    expect(await Promise.race(ends)).toBe('answered');
    process.kill(stopped, 'SIGKILL');
    expect((await Promise.all(ends)).toSorted()).toEqual(['answered', 'closed']);
  });

  it('A worker cannot start any more', async () => {
    await using folder = await openFolder();
    const manifest = join(folder.path, 'manifest.json');
    await writeFile(manifest, JSON.stringify({ someId: '{ __typename }' }));
    await using gateway = startWorkers({ TRUSTED_DOCUMENTS: manifest });
    const url = await urlOf(gateway);
    await writeFile(manifest, 'not JSON');
    gateway.child.kill('SIGUSR2');
    expect(await gateway.lineWith('workers not replaced')).toContain('TRUSTED_DOCUMENTS');
    expect(pidsOf(gateway).filter(hasEnded)).toEqual([]);
    process.kill(pidsOf(gateway)[0] as number, 'SIGKILL');
    const ends = () => linesOf(gateway, 'worker ended: another one is started');
    await expect.poll(ends, { timeout: 20_000 }).toHaveLength(3);
    expect(ends().map(({ restartInMs }) => restartInMs)).toEqual([100, 200, 400]);
    expect(ends()[2]?.reason).toContain('TRUSTED_DOCUMENTS');
    expect((await fetch(new URL('/ready', url))).status).toBe(200);
    await writeFile(manifest, JSON.stringify({ someId: '{ __typename }' }));
    await expect.poll(() => pidsOf(gateway)).toHaveLength(count + 1);
  });

  it.each([
    [[1], [100]],
    [[60_000], [0]],
    [
      [1, 1, 1, 1, 1, 1, 1, 1, 1],
      [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000],
    ],
    [
      [1, 1, 60_000, 1],
      [100, 200, 0, 100],
    ],
  ])('that ran for %j ms is restarted after %j ms', (ran, delays) => {
    let soonEnds = 0;
    const actual = ran.map((ranMs) => {
      soonEnds = soonEndsAfter(soonEnds, ranMs);
      return restartDelayMs(soonEnds);
    });
    expect(actual).toEqual(delays);
  });
});

describe('SIGUSR2', () => {
  it('replaces the workers one after the other, and no request fails', async () => {
    await using sandbox = await openSandbox();
    await using gateway = startWorkers({ D7_BASE_URL: sandbox.url, METRICS_PORT: '0' });
    const url = await urlOf(gateway);
    const old = pidsOf(gateway);
    const replies: (string | undefined)[] = [];
    let isOver = false;
    const load = Array.from({ length: 4 }, async (_, index) => {
      for (let turn = 0; !isOver; turn += 1) {
        // Each on a connection of its own: who keeps one is told to close it, and may not have read that yet.
        using connection = openConnection(url);
        replies.push(idOf(await connection.ask(`recipients-1-${index}-${turn}`)) ? 'log' : 'none');
        replies.push((await fetch(new URL('/ready', url), { headers: { connection: 'close' } })).statusText);
      }
    });
    gateway.child.kill('SIGUSR2');
    await gateway.lineWith('workers replaced');
    isOver = true;
    await Promise.all(load);
    expect(new Set(replies)).toEqual(new Set(['log', 'OK']));
    expect(old.filter((pid) => !hasEnded(pid))).toEqual([]);
    expect(pidsOf(gateway)).toHaveLength(count * 2);
    const metricsUrl = await metricsUrlOf(gateway);
    expect(await figure(metricsUrl, 'graphql_server_operations_total')).toBe(replies.length / 2);
    // Those that were asked to end do not count.
    expect(await figure(metricsUrl, ofWorkers.running.name)).toBe(count);
    expect(await figure(metricsUrl, ofWorkers.ends.name)).toBe(0);
  });
});

describe('the end of several workers', () => {
  it('Every process of a group gets the signal', async () => {
    await using sandbox = await openSandbox();
    await using gateway = startWorkers({ D7_BASE_URL: sandbox.url, UPSTREAM_ATTEMPT_TIMEOUT_SECONDS: '0.5' });
    const url = await urlOf(gateway);
    const connections = Array.from({ length: count }, () => openConnection(url));
    const replies = connections.map(({ ask }) => ask('silent'));
    await expect.poll(() => sandbox.callCount()).toBe(count);
    // As a service manager does, and a terminal: every process of the group gets the signal.
    for (const pid of pidsOf(gateway)) process.kill(pid, 'SIGTERM');
    gateway.child.kill('SIGTERM');
    expect((await Promise.all(replies)).map(codeOf)).toEqual(['UPSTREAM_TIMEOUT', 'UPSTREAM_TIMEOUT']);
    expect(await gateway.ended).toEqual([0, null]);
    expect(pidsOf(gateway).filter((pid) => !hasEnded(pid))).toEqual([]);
    expect(linesOf(gateway, 'stopping')).toHaveLength(1);
    // All lines are written, and none is torn.
    expect(linesOf(gateway, 'operation')).toHaveLength(count);
    expect(linesOf(gateway, 'worker ended: another one is started')).toEqual([]);
    for (const connection of connections) connection[Symbol.dispose]();
  });

  it('is not ready at any worker while it drains', async () => {
    await using gateway = startWorkers({ DRAIN_DELAY_SECONDS: '1' });
    const url = await urlOf(gateway);
    const probe = async () => (await fetch(new URL('/ready', url), { headers: { connection: 'close' } })).status;
    gateway.child.kill('SIGTERM');
    await expect.poll(probe).toBe(503);
    expect(await Promise.all(Array.from({ length: 6 }, probe))).toEqual(Array.from({ length: 6 }, () => 503));
    expect(await gateway.ended).toEqual([0, null]);
  });

  it.each(['The operator signals twice', 'The primary of several workers is killed'])('%s', async (what) => {
    await using sandbox = await openSandbox();
    await using gateway = startWorkers({ D7_BASE_URL: sandbox.url });
    using connection = openConnection(await urlOf(gateway));
    const reply = connection.ask('silent').catch(() => 'cut off');
    await expect.poll(() => sandbox.callCount()).toBe(1);
    if (what === 'The operator signals twice') {
      // A worker that is too busy to notice anything is ended as well.
      for (const pid of pidsOf(gateway)) process.kill(pid, 'SIGSTOP');
      gateway.child.kill('SIGTERM');
      await gateway.lineWith('stopping');
      gateway.child.kill('SIGTERM');
      expect(await gateway.ended).toEqual([1, null]);
    } else gateway.child.kill('SIGKILL');
    expect(await reply).toBe('cut off');
    await expect.poll(() => pidsOf(gateway).filter((pid) => !hasEnded(pid))).toEqual([]);
  });
});

describe('a start that fails', () => {
  it.each([
    ['a wrong setting', { UPSTREAM_QUEUE: 'many' }, 'UPSTREAM_QUEUE: expected'],
    [
      'a part that is too small',
      { WORKERS: '16' },
      'MAX_RESPONSE_BYTES: expected at most MAX_BYTES_IN_FLIGHT divided by WORKERS',
    ],
    ['a host of another machine', { HOST: '192.0.2.1' }, 'HOST is not an address of this machine'],
    ['a port of the metrics in use', { METRICS_PORT: 'taken' }, 'is in use: set PORT'],
    ['a port in use', { PORT: 'taken' }, 'is in use: set PORT'],
    ['a document that the schema does not allow', { TRUSTED_DOCUMENTS: 'wrong' }, 'TRUSTED_DOCUMENTS: '],
  ])('is reported once, with status 1: %s', async (_what, environment: Record<string, string>, words) => {
    await using folder = await openFolder();
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const manifest = join(folder.path, 'manifest.json');
    await writeFile(manifest, JSON.stringify({ someId: '{ noSuchField }' }));
    const { port } = taken.address() as { port: number };
    const given = Object.entries(environment).map(([name, value]) => {
      if (value === 'taken') return [name, String(port)];
      return [name, value === 'wrong' ? manifest : value];
    });
    await using gateway = startWorkers(Object.fromEntries(given));
    expect(await gateway.ended).toEqual([1, null]);
    taken.close();
    expect(gateway.written().split(words)).toHaveLength(2);
    expect(gateway.written()).not.toMatch(/ {4}at |worker ended/);
    expect(pidsOf(gateway)).toEqual([]);
  });
});

describe('the settings of several workers', () => {
  it('are divided where they are limits of the machine, and not otherwise', () => {
    const [one, four] = [readConfig({}), readConfig({ WORKERS: '4' })];
    expect(four.upstream.queue).toMatchObject({ maxConcurrency: 128, maxWaiting: 5000 });
    expect(four.listener.maxConnections).toBe(one.listener.maxConnections / 4);
    expect(four.maxBytesInFlight).toBe(one.maxBytesInFlight / 4);
    expect(four.sharedReads.maxBytes).toBe(one.sharedReads.maxBytes / 4);
    expect(four.liveLogs.maxSubscriptions).toBe(one.liveLogs.maxSubscriptions / 4);
    expect(four.liveLogs.maxSubscriptionsPerCaller).toBe(one.liveLogs.maxSubscriptionsPerCaller);
    expect(four.maxAutomaticDocumentBytes).toBe(one.maxAutomaticDocumentBytes / 4);
    expect(four.effectiveSettings.UPSTREAM_QUEUE).toBe(one.effectiveSettings.UPSTREAM_QUEUE);
    expect(readConfig({ WORKERS: '3', UPSTREAM_CONNECTIONS: '1' }).upstream.queue.maxConcurrency).toBe(1);
  });

  it('are those of the table of what is shared', () => {
    const rows = tableUnder('What is shared', documentAt('.deploy/README.md'));
    const divided = rows
      .filter(([, ofWorkers]) => ofWorkers?.startsWith('divided'))
      .flatMap(([what = '']) => codesIn(what));
    expect(divided.toSorted()).toEqual([...dividedSettings].toSorted());
    const named = rows.flatMap(([what = '']) => codesIn(what));
    expect(named.filter((name) => !(name in settings))).toEqual([]);
    expect(new Set(named).size).toBe(named.length);
  });
});

async function openFolder() {
  const path = await mkdtemp(join(tmpdir(), 'workers-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
