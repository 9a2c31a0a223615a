/** Subscriptions over HTTP are streams, whatever else a client accepts: each event is sent when it comes. */
import { connect } from 'node:net';
import { expect, it, vi } from 'vitest';
import { EventPings } from '../src/inbound/event-pings.ts';
import { http, log, message, openFakeUpstream } from './fake-upstream.ts';
import { liveLog, openHouse } from './house.ts';

it.each([
  'text/event-stream',
  '*/*',
  'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed',
])('an event is sent when it comes, to a client that accepts %s', async (accept) => {
  await using house = await openHouse();
  const leaving = new AbortController();
  const response = await house.stream(liveLog, {
    variables: { requestId: 'moving' },
    headers: { accept },
    signal: leaving.signal,
  });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk).toString();
    if (text.includes('"__typename":"ViberLog"')) break;
  }
  expect(text).not.toContain('event: complete');
  leaving.abort();
  await expect.poll(() => house.logged.filter((line) => line.includes('"msg":"operation"'))).toHaveLength(1);
  expect(house.logged.join()).not.toContain('unexpected');
});

it.each(['text/event-stream', 'text/event-stream, text/html;q=0.1'])(
  'a client that wants its connection closed after the stream gets that: %s',
  async (accept) => {
    await using fake = await openFakeUpstream((id) => http('200 OK', log(id, [{ ...message, status: 'delivered' }])));
    await using house = await openHouse({ settings: { D7_BASE_URL: fake.url } });
    const { hostname, port } = new URL(house.url);
    const body = JSON.stringify({ query: 'subscription { viberLog(requestId: "a") { __typename } }' });
    const headers = {
      accept,
      authorization: 'Bearer a',
      'content-type': 'application/json',
      'content-length': body.length,
      host: 'x',
      connection: 'close',
    };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const socket = connect(Number(port), hostname).setEncoding('latin1');
    socket.write(`POST /graphql HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
    let text = '';
    for await (const chunk of socket) text += chunk;
    expect(text).toMatch(/^connection: close\r$/im);
    expect(text).toContain('event: complete');
  },
  3000,
);

it('only a stream that says nothing is pinged, every twelve seconds', () => {
  vi.useFakeTimers();
  try {
    const pings = new EventPings();
    const pinged: string[] = [];
    const streamOf = (name: string) => {
      const ping = () => {
        pinged.push(name);
        stream.writtenIn = pings.turn;
      };
      const stream = { writtenIn: 0, ping };
      pings.add(stream);
      return stream;
    };
    const [silent, busy] = [streamOf('silent'), streamOf('busy')];
    for (let seconds = 0; seconds < 30; seconds += 1) {
      busy.writtenIn = pings.turn;
      vi.advanceTimersByTime(1000);
    }
    expect(pinged).toEqual(['silent', 'silent']);
    for (const stream of [silent, busy]) pings.delete(stream);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
