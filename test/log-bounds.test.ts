/** The operator's log is bounded: in lines for each cause, and in memory when nobody reads it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createTelemetry } from '../src/telemetry.ts';
import { http, log, message, openFakeUpstream } from './fake-upstream.ts';
import { oneLog, openHouse, severalLogs } from './house.ts';
import { memoryOf, productionFlags, type Running } from './process.ts';

const parsed = (lines: readonly string[]) => lines.map((line) => JSON.parse(line));
const root = new URL('..', import.meta.url);

describe('lines for each cause', () => {
  it('The circuit is open for many calls', async () => {
    await using fake = await openFakeUpstream(() => http('500 Oh', ''));
    await using house = await openHouse({
      settings: {
        D7_BASE_URL: fake.url,
        BREAKER_MIN_CALLS: '5',
        BREAKER_OPEN_SECONDS: '60',
        UPSTREAM_MAX_RETRIES: '0',
      },
    });
    const ids = (page: number) => Array.from({ length: 100 }, (_, index) => `bad-${page}-${index}`);
    for (const page of [1, 2, 3, 4, 5]) await house.ask(severalLogs, { variables: { requestIds: ids(page) } });
    const unsent = () => parsed(house.logged).filter(({ msg }) => msg === 'upstream calls not sent');
    const sent = () => parsed(house.logged).filter(({ attempt }) => attempt !== undefined);
    await expect.poll(() => unsent().reduce((sum, { count }) => sum + count, sent().length)).toBe(500);
    // Each call that was sent has its line, and no other has one.
    expect(sent()).toHaveLength(fake.asked.length);
    expect(fake.asked.length).toBeLessThan(50);
    const times = unsent().map(({ time }) => Date.parse(time));
    expect(times.every((time, index) => index === 0 || time - (times[index - 1] as number) >= 900)).toBe(true);
    const [{ reasons, last }] = unsent();
    expect([Object.keys(reasons), last]).toEqual([
      ['circuitOpen'],
      { operationId: expect.any(String), requestId: expect.stringMatching(/^bad-/) },
    ]);
  });

  it('The circuits of many callers open at once', async () => {
    const logged: string[] = [];
    const telemetry = createTelemetry('info', { write: (line) => logged.push(line) });
    for (let index = 0; index < 1000; index += 1)
      telemetry.circuit({ scope: 'caller', state: 'open', caller: `${index}` });
    telemetry.circuit({ scope: 'all', state: 'open', caller: undefined });
    await telemetry.flush();
    expect(parsed(logged)).toHaveLength(12);
    expect(parsed(logged).at(10)).toMatchObject({ scope: 'all', msg: 'circuit opens: calls to D7 are not sent' });
    expect(parsed(logged).at(11)).toMatchObject({ scope: 'caller', open: 990, halfOpen: 0, closed: 0 });
  });

  it('A log has ten thousand invalid times', async () => {
    const odd = Array(10_000).fill({ ...message, schedule_time: 'tomorrow' });
    // One that is read as it stands, and one that is written anew first.
    await using fake = await openFakeUpstream((id) =>
      http('200 OK', log(id, id === 'plain' ? odd : [...odd.slice(1), { ...odd[0], more: {} }])),
    );
    await using house = await openHouse({ settings: { D7_BASE_URL: fake.url } });
    for (const requestId of ['plain', 'not-plain']) {
      const { body } = await house.ask(oneLog, { variables: { requestId } });
      expect(body.data.viberLog.messages).toHaveLength(10_000);
    }
    const lines = parsed(house.logged).filter(({ msg }) => msg === 'schema drift: D7 sent an unexpected value');
    expect(lines).toMatchObject(
      ['plain', 'not-plain'].map((requestId) => ({ requestId, path: 'messages[].schedule_time', count: 10_000 })),
    );
    expect(house.logged.join()).not.toContain('tomorrow');
  });
});

/** A gateway whose standard output nobody reads past the lines of its start. */
async function startUnread(environment: Record<string, string> = {}) {
  const env = { PATH: process.env.PATH, PORT: '0', D7_BASE_URL: 'http://127.0.0.1:9', ...environment };
  const child = spawn(process.execPath, [...productionFlags, 'src/main.ts'], { cwd: root, env });
  const ended = once(child, 'exit') as Running['ended'];
  let written = '';
  while (!written.includes('"listening"}\n')) written += String((await once(child.stdout, 'data'))[0]);
  child.stdout.pause();
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  const listening = parsed(written.trimEnd().split('\n')).find(({ msg }) => msg === 'listening');
  const url = new URL(listening.url);
  await makeKnown(url);
  return { child, url, ended, [Symbol.asyncDispose]: stop };
}

const body = '{"query":"query ANameOfAnOperationThatIsLong { __typename }"}';

/** Of a document that the gateway knows, requests are answered as they are read, however many a connection sends at once. */
async function makeKnown(url: URL): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  for (const _ of [1, 2]) await (await fetch(url, { method: 'POST', headers, body })).text();
}

/** So many operations, one after the other on each of ten connections. */
async function operate(url: URL, count: number): Promise<void> {
  const head = `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  const perSocket = count / 10;
  const run = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect(Number(url.port), url.hostname, () => socket.write((head + body).repeat(perSocket)));
      let answered = 0;
      socket.setEncoding('latin1').on('error', reject);
      socket.on('data', (text: string) => {
        answered += text.split('"__typename":"Query"').length - 1;
        if (answered >= perSocket) resolve(void socket.destroy());
      });
    });
  await Promise.all(Array.from({ length: 10 }, run));
}

async function readLines(child: ChildProcess): Promise<() => Record<string, unknown>[]> {
  let text = '';
  child.stdout?.setEncoding('utf8').on('data', (more) => {
    text += more;
  });
  child.stdout?.resume();
  return () => parsed(text.split('\n').slice(0, -1));
}

describe('standard output', () => {
  it('No process reads standard output', async () => {
    await using gateway = await startUnread();
    // The heap grows to its usual size during the first 60 000.
    await operate(gateway.url, 60_000);
    const before = memoryOf(gateway).nowMb;
    await operate(gateway.url, 120_000);
    // Kept, their lines would be 29 MB at least.
    expect(memoryOf(gateway).nowMb - before).toBeLessThan(24);

    const lines = await readLines(gateway.child);
    const dropped = () => lines().find(({ msg }) => String(msg).startsWith('log lines dropped'))?.count as number;
    await expect.poll(dropped).toBeGreaterThan(10_000);
    // What was not dropped came whole.
    expect(lines().filter(({ msg }) => msg === 'operation').length + dropped()).toBe(180_002);
    // And from then on nothing is lost.
    await operate(gateway.url, 1000);
    await expect.poll(() => lines().filter(({ msg }) => msg === 'operation').length + dropped()).toBe(181_002);
  }, 120_000);

  it('ends a process that is told to stop, whether or not anybody reads what it says', async () => {
    await using gateway = await startUnread();
    await operate(gateway.url, 20_000);
    gateway.child.kill('SIGTERM');
    expect(await gateway.ended).toEqual([0, null]);
  });

  it('whose reader has gone takes no process with it', async () => {
    await using gateway = await startUnread();
    gateway.child.stdout.destroy();
    for (const _ of [1, 2, 3]) await operate(gateway.url, 1000);
    gateway.child.kill('SIGTERM');
    expect(await gateway.ended).toEqual([0, null]);
  });

  it('that is a file has every line when the process has ended', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'log-'));
    const path = join(folder, 'log');
    const file = openSync(path, 'w');
    const env = { PATH: process.env.PATH, PORT: '0', D7_BASE_URL: 'http://127.0.0.1:9' };
    const child = spawn(process.execPath, ['src/main.ts'], { cwd: root, env, stdio: ['ignore', file, 'inherit'] });
    const lines = () => parsed(readFileSync(path, 'utf8').split('\n').slice(0, -1));
    const listening = () => lines().find(({ msg }) => msg === 'listening');
    await expect.poll(listening).toBeDefined();
    const url = new URL(listening()?.url);
    await makeKnown(url);
    await operate(url, 2000);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(lines().filter(({ msg }) => msg === 'operation')).toHaveLength(2002);
    expect(lines().at(-1)).toMatchObject({ msg: 'stopping' });
    closeSync(file);
    rmSync(folder, { recursive: true });
  });
});
