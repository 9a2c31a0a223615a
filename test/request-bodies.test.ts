/** However the body of a request arrives: in one packet, byte by byte, while an earlier request waits, or never to its end. */
import { connect, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { http, log, openFakeUpstream } from './fake-upstream.ts';
import { oneLog, openHouse } from './house.ts';

/** With characters of two, three and four bytes. */
const body = (requestId: string) =>
  Buffer.from(JSON.stringify({ query: `# é € 🙂\n${oneLog}`, variables: { requestId: ` ${requestId} ` } }));

function posted(requestId: string, ...headers: string[]): Buffer {
  const bytes = body(requestId);
  const all = ['Host: x', 'Authorization: Bearer t', 'Content-Type: application/json', ...headers];
  return Buffer.concat([
    Buffer.from(`POST /graphql HTTP/1.1\r\n${all.join('\r\n')}\r\nContent-Length: ${bytes.length}\r\n\r\n`),
    bytes,
  ]);
}

async function open({ url }: { url: string }) {
  const { hostname, port } = new URL(url);
  const socket: Socket = connect(Number(port), hostname)
    .setNoDelay()
    .on('error', () => {});
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  /** The gateway, in this process, has read it by then. */
  async function send(bytes: Buffer): Promise<void> {
    await new Promise((resolve) => socket.write(bytes, resolve));
    for (let turns = 0; turns < 4; turns += 1) await turn();
  }
  return { socket, send, received: () => text, [Symbol.dispose]: () => socket.destroy() };
}

const idsIn = (text: string) => [...text.matchAll(/"requestId":"(\w+)","totalRecipients"/g)].map(([, id]) => id);

function openUpstream(gate?: Promise<unknown>) {
  return openFakeUpstream((id) => (socket) => {
    Promise.resolve(gate).then(() => socket.write(http('200 OK', log(id))));
  });
}

describe.each(['on', 'off'])('with the fast path %s', (fastPath) => {
  const openFor = async (upstream: { url: string }) =>
    openHouse({ settings: { D7_BASE_URL: upstream.url, FAST_PATH: fastPath } });

  it('A body arrives in parts, in the middle of characters too, again and again on one connection', async () => {
    await using upstream = await openUpstream();
    await using house = await openFor(upstream);
    using client = await open(house);
    const parts = [1, 3, 4096].flatMap((size, index) => {
      const bytes = posted(`id${index}`);
      const head = bytes.indexOf('\r\n\r\n') + 4;
      const starts = Array.from({ length: Math.ceil((bytes.length - head) / size) }, (_, part) => head + part * size);
      return [bytes.subarray(0, head), ...starts.map((start) => bytes.subarray(start, start + size))];
    });
    for (const part of parts) await client.send(part);
    await expect.poll(() => idsIn(client.received())).toEqual(['id0', 'id1', 'id2']);
    expect(upstream.asked).toHaveLength(3);
  });

  it('The body of a pipelined request arrives while the first request waits for D7', async () => {
    const gate = Promise.withResolvers<void>();
    await using upstream = await openUpstream(gate.promise);
    await using house = await openFor(upstream);
    using client = await open(house);
    await client.send(posted('id0'));
    await expect.poll(() => upstream.asked.length).toBe(1);
    const second = posted('id1');
    await client.send(second.subarray(0, second.length - 9));
    await client.send(second.subarray(second.length - 9));
    gate.resolve();
    await expect.poll(() => idsIn(client.received())).toEqual(['id0', 'id1']);
    await client.send(posted('id2'));
    await expect.poll(() => idsIn(client.received())).toEqual(['id0', 'id1', 'id2']);
  });

  it('A client disconnects in the middle of its body: D7 is not asked, and nothing is left', async () => {
    await using upstream = await openUpstream();
    await using house = await openFor(upstream);
    for (const keep of [1, 20, body('id0').length - 1]) {
      using client = await open(house);
      const bytes = posted('id0');
      await client.send(bytes.subarray(0, bytes.length - keep));
      client.socket.resetAndDestroy();
    }
    using other = await open(house);
    await other.send(posted('id9', 'Connection: close'));
    await expect.poll(() => idsIn(other.received())).toEqual(['id9']);
    expect(upstream.asked).toHaveLength(1);
    expect(house.logged.join()).not.toContain('unexpected');
  });

  it('An empty body, and one that the client announces with Expect, are answered', async () => {
    await using upstream = await openUpstream();
    await using house = await openFor(upstream);
    using client = await open(house);
    await client.send(
      Buffer.from('POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n'),
    );
    await expect.poll(client.received).toMatch(/^HTTP\/1.1 400 .*"errors"/s);
    const bytes = posted('id0', 'Expect: 100-continue');
    const head = bytes.indexOf('\r\n\r\n') + 4;
    await client.send(bytes.subarray(0, head));
    await expect.poll(client.received).toContain('HTTP/1.1 100 Continue');
    await client.send(bytes.subarray(head));
    await expect.poll(() => idsIn(client.received())).toEqual(['id0']);
  });
});
