/**
 * The gateway in a process of its own, under what a bad day brings: huge answers, thousands of clients that do not move,
 * and a soak of mixed faults that ends with a stop. `SOAK_SECONDS=60 SOAK_REPORT=soak.json npm test --
 * load` makes the soak a long one, and writes down what it counted.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { openSandbox } from '../src/sandbox/sandbox.ts';
import { openFakeUpstream } from './fake-upstream.ts';
import { oneLog } from './house.ts';
import { memoryOf, start, urlOf } from './process.ts';
import { codesIn, tableUnder } from './readme.ts';

const memoryIsTold = existsSync('/proc/self/status');
const soakSeconds = Number(process.env.SOAK_SECONDS ?? 5);

type Reply = {
  body: { data?: { viberLog: { requestId: string } | null }; errors?: { extensions: { code: string } }[] };
  last: boolean;
};

/** One query on a connection that is kept; `last` when the server asks to let go of it. */
function ask(url: string, requestId: string, agent?: Agent): Promise<Reply> {
  const body = JSON.stringify({ query: oneLog, variables: { requestId } });
  const headers = {
    'content-type': 'application/json',
    authorization: 'Bearer sandbox-token',
    'content-length': Buffer.byteLength(body),
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, async (response) => {
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk;
      resolve({ body: JSON.parse(text), last: response.headers.connection === 'close' });
    });
    sent.on('error', reject).end(body);
  });
}

const codeOf = ({ body }: Reply) => body.errors?.[0]?.extensions.code;

describe.skipIf(!memoryIsTold)('memory (told by Linux only)', () => {
  it('does not follow an answer of 400 MB', async () => {
    const chunk = Buffer.alloc(1024 * 1024, ' ');
    const huge = (socket: Socket) => {
      let left = 400;
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${left * chunk.length}\r\n\r\n`);
      const writeOn = () => {
        while (left > 0 && !socket.destroyed) {
          left -= 1;
          if (!socket.write(chunk)) return void socket.once('drain', writeOn);
        }
      };
      writeOn();
    };
    await using fake = await openFakeUpstream((id) =>
      id === 'huge' ? huge : 'HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n',
    );
    await using gateway = start('src/main.ts', { PORT: '0', D7_BASE_URL: fake.url });
    const url = await urlOf(gateway);
    await ask(url, 'small');
    const { mostMb: before } = memoryOf(gateway);
    for (let times = 0; times < 3; times += 1) expect(codeOf(await ask(url, 'huge'))).toBe('UPSTREAM_BAD_RESPONSE');
    expect(memoryOf(gateway).mostMb - before).toBeLessThan(100);
  });
});

it('lives on a small heap, whoever sends it ever new documents of the largest size', async () => {
  await using gateway = start('src/main.ts', { PORT: '0', NODE_OPTIONS: '--max-old-space-size=144' });
  const url = await urlOf(gateway);
  const headers = { 'content-type': 'application/json' };
  const sendNew = async (index: number) => {
    // Good and bad ones in turn: both are kept, each in a cache of its own.
    const query = `{ __typename ${index % 2 ? '(' : ''} } #${index}${'x'.repeat(100_000)}`;
    return (await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query }) })).json();
  };
  for (let index = 0; index < 2100; index += 1) await sendNew(index);
  expect(await sendNew(2100)).toEqual({ data: { __typename: 'Query' } });
}, 60_000);

describe.skipIf(!mayOpen(10_500))(
  'ten thousand clients that do not finish their headers (needs as many open files)',
  () => {
    it('keep no good one waiting', async () => {
      await using sandbox = await openSandbox();
      await using gateway = start('src/main.ts', {
        PORT: '0',
        D7_BASE_URL: sandbox.url,
        CLIENT_HEADERS_TIMEOUT_SECONDS: '60',
        CLIENT_REQUEST_TIMEOUT_SECONDS: '60',
      });
      const url = await urlOf(gateway);
      const { hostname, port } = new URL(url);
      const slow: Socket[] = [];
      const openOne = () =>
        new Promise<void>((resolve, reject) => {
          const socket = connect(Number(port), hostname, () => {
            socket.write('POST /graphql HTTP/1.1\r\nhost: x\r\nx-slow: ', () => resolve());
          });
          slow.push(socket.on('error', reject));
        });
      while (slow.length < 10_000) await Promise.all(Array.from({ length: 500 }, openOne));
      const replies = await Promise.all(Array.from({ length: 100 }, (_, index) => ask(url, `recipients-1-${index}`)));
      expect(replies.map(codeOf).filter(Boolean)).toEqual([]);
      expect(slow.filter((socket) => !socket.closed)).toHaveLength(10_000);
      for (const socket of slow) socket.destroy();
    }, 60_000);
  },
);

describe(`a soak of ${soakSeconds} s`, () => {
  const concurrency = 50;
  const failing = tableUnder('Errors').flatMap(([code = '', , ids = '']) =>
    codesIn(ids).map((requestId) => ({ requestId, expected: codesIn(code)[0] })),
  );
  const good = Array.from({ length: 60 }, (_, index) => ({
    requestId: `recipients-${1 + index}`,
    expected: undefined,
  }));
  const mixed = [...good, ...failing];
  /** Where D7 is in trouble, these are the truth for any id. */
  const honest = ['UPSTREAM_UNAVAILABLE', 'UPSTREAM_TIMEOUT', 'OVERLOADED'];

  it(
    'answers nothing wrong, stays small, leaks nothing, and loses no request that it took when it is stopped',
    async () => {
      await using sandbox = await openSandbox();
      await using gateway = start('src/main.ts', {
        PORT: '0',
        D7_BASE_URL: sandbox.url,
        UPSTREAM_ATTEMPT_TIMEOUT_SECONDS: '0.5',
        BREAKER_OPEN_SECONDS: '0.2',
        DRAIN_DELAY_SECONDS: '2',
      });
      const url = await urlOf(gateway);
      const wrong: unknown[] = [];
      const counts = { good: 0, failed: 0, unavailable: 0 };
      let asked = 0;

      const worker = async () => {
        const agent = new Agent({ keepAlive: true, maxSockets: 1 });
        for (let last = false; !last; ) {
          const index = asked++;
          const { requestId, expected } = mixed[index % mixed.length] as (typeof mixed)[number];
          const reply = await ask(url, `${requestId}-soak-${index}`, agent);
          const code = codeOf(reply);
          const isRight =
            code === expected &&
            (code !== undefined || reply.body.data?.viberLog?.requestId.startsWith(`${requestId}-`));
          if (isRight) counts[code === undefined ? 'good' : 'failed'] += 1;
          else if (code !== undefined && honest.includes(code)) counts.unavailable += 1;
          else wrong.push({ requestId, expected, code });
          // The server says so when it is about to go: this client sends it nothing more, as a load balancer would.
          last = reply.last;
        }
        agent.destroy();
      };
      const workers = Array.from({ length: concurrency }, worker);

      await runFor(soakSeconds / 3);
      const memory = () => (memoryIsTold ? memoryOf(gateway).nowMb : 0);
      const warm = memory();
      await runFor((soakSeconds * 2) / 3);
      const grownMb = memory() - warm;
      gateway.child.kill('SIGTERM');
      // A request that was taken and not answered would reject here.
      await Promise.all(workers);
      expect(await gateway.ended).toEqual([0, null]);
      const report = { seconds: soakSeconds, asked, ...counts, wrong: wrong.length, grownMb: Math.round(grownMb) };
      if (process.env.SOAK_REPORT) writeFileSync(process.env.SOAK_REPORT, `${JSON.stringify(report, null, 2)}\n`);
      expect(wrong).toEqual([]);
      expect(counts.good).toBeGreaterThan(soakSeconds * 20);
      expect(counts.failed).toBeGreaterThan(soakSeconds);
      expect(grownMb).toBeLessThan(150);

      const written = gateway.written();
      expect(written.split('"msg":"operation"').length - 1).toBe(asked);
      for (const leak of ['sandbox-token', '+9715', new URL(sandbox.url).host, ' at ', 'node_modules', 'Warning']) {
        expect(written.split('\n').find((line) => line.includes(leak))).toBeUndefined();
      }
    },
    (soakSeconds + 60) * 1000,
  );
});

/** Node takes all that the system allows; the rest of a process's files are few. */
function mayOpen(files: number): boolean {
  const limit = execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim();
  return limit === 'unlimited' || Number(limit) >= files;
}

/** Not a sleep to get past something: the soak is what goes on meanwhile. */
function runFor(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
