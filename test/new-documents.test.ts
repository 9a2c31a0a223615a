/** Documents that the gateway does not know yet take turns: whoever sends many of them delays nobody else. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { createClient as createWebSocketClient } from 'graphql-ws';
import { describe, expect, it } from 'vitest';
import WebSocket from 'ws';
import { type House, openHouse } from './house.ts';

type Request = { token: string; query: string; headers?: string };

/** A document like no other. */
const newDocument = (name: string) => `query ${name} { ${name}: __typename }`;

const paths = {
  'fast path': '',
  'another media type of the response': 'accept: application/json;q=0.9\r\n',
};

async function openSockets({ url }: House, count: number): Promise<Socket[]> {
  const { port, hostname } = new URL(url);
  const sockets = Array.from({ length: count }, () => connect(Number(port), hostname));
  // The gateway has accepted a connection once it has answered on it.
  const head = 'GET /health HTTP/1.1\r\nhost: x\r\n\r\n';
  const answered = sockets.map((socket) => once(socket, 'data'));
  for (const socket of sockets) socket.write(head);
  await Promise.all(answered);
  return sockets;
}

/** Sends each over a connection of its own, all in one go. What came, in the order of the answers. */
async function answersTo(
  house: House,
  requests: readonly Request[],
  onSent = () => {},
): Promise<{ place: number; text: string }[]> {
  const sockets = await openSockets(house, requests.length);
  const answers: { place: number; text: string }[] = [];
  const answered = sockets.map(async (socket, place) => {
    let text = '';
    for await (const chunk of socket.setEncoding('latin1')) text += chunk;
    answers.push({ place, text });
  });
  requests.forEach(({ token, query, headers = '' }, place) => {
    const body = JSON.stringify({ query });
    const head = `POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\nconnection: close\r\n${headers}`;
    (sockets[place] as Socket).write(`${head}content-length: ${body.length}\r\n\r\n${body}`);
  });
  onSent();
  await Promise.all(answered);
  return answers;
}

async function turnsOfTheLoop(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

const documentsOf = (token: string, count: number, headers = ''): Request[] =>
  Array.from({ length: count }, (_, index) => ({ token, query: newDocument(`${token}${index}`), headers }));

describe.each(Object.entries(paths))('%s', (_, headers) => {
  it('A caller sends ever new documents', async () => {
    await using house = await openHouse();
    const known = { token: 'second', query: '{ __typename }', headers };
    for (const _ of [1, 2]) await answersTo(house, [known]);
    const answers = await answersTo(house, [...documentsOf('first', 60, headers), known]);
    expect(answers.every(({ text }) => text.startsWith('HTTP/1.1 200'))).toBe(true);
    expect(answers.findIndex(({ place }) => place === 60)).toBeLessThan(20);
  });

  it('A new document waits for one of each other caller', async () => {
    await using house = await openHouse();
    const answers = await answersTo(house, [
      ...documentsOf('first', 60, headers),
      ...documentsOf('second', 1, headers),
      ...documentsOf('third', 1, headers),
    ]);
    const places = [60, 61].map((wanted) => answers.findIndex(({ place }) => place === wanted));
    expect(Math.max(...places)).toBeLessThan(20);
    expect(answers.every(({ text }) => text.includes(':"Query"'))).toBe(true);
  });

  it('Too many characters of one caller wait', async () => {
    await using house = await openHouse();
    const long = `#${'x'.repeat(90_000)}\n`;
    const greedy = documentsOf('first', 150, headers).map((request) => ({ ...request, query: long + request.query }));
    const answers = await answersTo(house, [...greedy, ...documentsOf('second', 1, headers)]);
    const refused = answers.filter(({ text }) => text.startsWith('HTTP/1.1 503'));
    expect(refused.length).toBeGreaterThan(10);
    for (const { text } of refused) {
      expect(text).toMatch(/^retry-after: 1\r$/im);
      expect(text).toContain('"code":"OVERLOADED"');
      expect(text).toContain('"retryAfterSeconds":1');
    }
    expect(refused.map(({ place }) => place)).not.toContain(150);
    expect(answers.filter(({ text }) => text.startsWith('HTTP/1.1 200'))).toHaveLength(151 - refused.length);
    // They leave nothing behind.
    const [after] = await answersTo(house, documentsOf('after', 1, headers));
    expect(after?.text).toMatch(/^HTTP\/1.1 200/);
  });
});

it('A known document overtakes new ones of another caller, over WebSocket', async () => {
  await using house = await openHouse();
  const open = (token: string) =>
    createWebSocketClient({
      url: house.url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${token}` },
      lazy: false,
    });
  const order: string[] = [];
  const run = (client: ReturnType<typeof open>, query: string) =>
    new Promise<void>((resolve, reject) => {
      const complete = () => resolve(void order.push(query));
      client.subscribe({ query }, { next: () => {}, error: reject, complete });
    });
  const known = '{ __typename }';
  const clients = Array.from({ length: 31 }, (_, index) => open(index < 30 ? 'first' : 'second'));
  // All are connected, and the document is known.
  await Promise.all(clients.map((client) => run(client, known)));
  order.length = 0;
  await Promise.all(clients.map((client, index) => run(client, index < 30 ? newDocument(`ws${index}`) : known)));
  expect(order.indexOf(known)).toBeLessThan(15);
  await Promise.all(clients.map((client) => client.dispose()));
});

it('Many requests at once with the same new document are no queue of that length', async () => {
  await using house = await openHouse();
  const query = newDocument('common');
  const common = Array.from({ length: 100 }, (_, index) => ({ token: `caller${index}`, query }));
  const other = { token: 'late', query: newDocument('late') };
  // The gateway runs in this process, by the same event loop.
  let turns = 0;
  let isCounting = false;
  const count = () => {
    turns += 1;
    if (isCounting) setImmediate(count);
  };
  const answers = await answersTo(house, [...common, other], () => {
    isCounting = true;
    setImmediate(count);
  });
  isCounting = false;
  expect(turns).toBeLessThan(50);
  expect(answers).toHaveLength(101);
  expect(answers.every(({ text }) => text.startsWith('HTTP/1.1 200'))).toBe(true);
});

it('A client that disconnects while its document waits costs nothing more, on the fast path', async () => {
  await using house = await openHouse({ settings: { FAST_PATH: 'on' } });
  const sockets = await openSockets(house, 40);
  sockets.forEach((socket, index) => {
    const body = JSON.stringify({ query: newDocument(`gone${index}`) });
    socket.write(
      `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
  });
  // They arrive in the next turn of the event loop, which the gateway and this test share.
  await turnsOfTheLoop(2);
  for (const socket of sockets) socket.destroy();
  const { status } = await house.ask('{ __typename }');
  expect(status).toBe(200);
  await turnsOfTheLoop(100);
  const run = house.logged.filter((line) => line.includes('"msg":"operation"'));
  expect(run.length).toBeLessThan(20);
});
