/** The benchmark's load by wrk, and D7 as nginx plays it. Nothing is timed. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { token } from './bench/client.ts';
import { instruments, type Upstream } from './bench/instruments.ts';
import { runWrk } from './bench/wrk.ts';
import { findCommand } from './commands.ts';

const canRun = findCommand('wrk') !== undefined || process.env.CI !== undefined;
const requestIds = ['recipients-2-a', 'recipients-500-a', 'sent-3-a', 'missing-a'];

describe.skipIf(!canRun)('load by wrk (needs wrk and nginx: see CONTRIBUTING)', () => {
  it('has an upstream in nginx that answers as the one in Node does, and counts', async () => {
    await using inNode = await instruments.node.openUpstream();
    await using inNginx = await instruments.wrk.openUpstream({ requestIds });
    const expected = await answersOf(inNode);
    expect(expected.map(({ status }) => status)).toEqual([200, 200, 200, 404, 401]);
    expect(await answersOf(inNginx)).toEqual(expected);
    expect([await inNode.countCalls(), await inNginx.countCalls()]).toEqual([5, 5]);
    expect(await inNginx.countCalls()).toBe(5);
  });

  it('counts as many requests as were answered, none of them twice, and finds no fault in right answers', async () => {
    const asked: string[] = [];
    await using server = await serve((id) => {
      asked.push(id);
      return { status: 200, body: answerWith(id) };
    });
    const measured = await loadOn(server.port);
    expect(measured.failures).toEqual([]);
    expect(measured.requests).toBeGreaterThan(0);
    expect(measured.requests).toBe(asked.length);
    expect(new Set(asked).size).toBe(asked.length);
  });

  it.each([
    ['another status', 500, answerWith],
    ['another answer of the same length', 200, (id: string) => answerWith(id).replace('log', 'Log')],
    ['the answer to a question that was not asked', 200, () => answerWith(checked.replace('9', '8'))],
    ['errors', 200, () => '{"errors":[]}'],
  ])('reports %s', async (_, status, bodyOf) => {
    let asked = 0;
    await using server = await serve((id) => {
      asked += 1;
      return asked === 5 ? { status, body: bodyOf(id) } : { status: 200, body: answerWith(id) };
    });
    const { failures } = await loadOn(server.port);
    expect(failures).toEqual([expect.stringMatching(new RegExp(`^${status}: \\{`))]);
  });
});

const checked = '9876543210';
const answerWith = (id: string) => `{"data":{"log":"${id}"}}`;

function loadOn(port: number) {
  const answer = { index: Number(checked), text: answerWith(checked) };
  const bodyOf = (index: number) => JSON.stringify({ id: String(index) });
  return runWrk({ port, connections: 4, seconds: 0.05, firstIndex: 10, bodyOf, answer });
}

async function answersOf({ port }: Upstream) {
  const asked = [
    ...requestIds.map((id) => ({ id, authorization: token })),
    { id: 'recipients-2-a', authorization: 'x' },
  ];
  return Promise.all(
    asked.map(async ({ id, authorization }) => {
      const response = await fetch(`http://127.0.0.1:${port}/report/v1/viber-log/${id}`, {
        headers: { authorization },
      });
      const [type, length] = ['content-type', 'content-length'].map((name) => response.headers.get(name));
      return { status: response.status, type, length, body: await response.text() };
    }),
  );
}

async function serve(answer: (id: string) => { status: number; body: string }) {
  const server: Server = createServer(async (request, response) => {
    const { id } = JSON.parse(String(Buffer.concat(await request.toArray())));
    const { status, body } = answer(id);
    response.writeHead(status, { 'content-length': body.length }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => void server.close();
  return { port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: close };
}
