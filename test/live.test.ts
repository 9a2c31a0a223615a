/** A log that is followed: what its subscribers are told, what it costs D7, and how it ends. */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { openSandbox, sandboxToken } from '../src/sandbox/sandbox.ts';
import { http, log, message, openFakeUpstream, type Says } from './fake-upstream.ts';
import { type Event, type HouseOptions, liveLog, openHouse, patient } from './house.ts';
import { start, urlOf } from './process.ts';
import { expectNothingLeft, resources } from './resources.ts';

/** As fast as a test wants it. */
const quick = { LIVE_MIN_INTERVAL_SECONDS: '0.02', LIVE_MAX_INTERVAL_SECONDS: '0.05', UPSTREAM_MAX_RETRIES: '0' };

async function openHouseOn(says: (requestId: string, asked: number) => Says, options: HouseOptions = {}) {
  const fake = await openFakeUpstream(says);
  const house = await openHouse({ ...options, settings: { ...quick, D7_BASE_URL: fake.url, ...options.settings } });
  const close = async () => {
    await fake[Symbol.asyncDispose]();
    await house[Symbol.asyncDispose]();
  };
  return { fake, house, [Symbol.asyncDispose]: close };
}

const withStatus = (id: string, status: string) => http('200 OK', log(id, [{ ...message, status }]));
const missing = http('404 Not Found', JSON.stringify({ detail: { code: 'NONE', message: 'No such log.' } }));

/** What a subscriber is told, in short: the status of the first message, the union's other member, or a code. */
function short({ data, errors }: Event): string {
  const [error] = errors ?? [];
  if (error) return error.extensions.code;
  return data.viberLog.messages?.[0]?.rawStatus ?? data.viberLog.__typename;
}

async function allOf(events: AsyncIterable<Event>): Promise<string[]> {
  const told: string[] = [];
  for await (const event of events) told.push(short(event));
  return told;
}

describe('a subscriber', () => {
  it('is told the present state, then only changes, and the stream ends when the log is final', async () => {
    const statuses = ['sent', 'sent', 'sent', 'queued', 'queued', 'sent', 'delivered'];
    await using open = await openHouseOn((id, asked) => withStatus(id, statuses[asked - 1] ?? 'asked too often'));
    expect(await allOf(open.house.follow('a'))).toEqual(['sent', 'queued', 'sent', 'delivered']);
    expect(open.fake.asked).toHaveLength(statuses.length);
  });

  it('of a final log is told it, and no more', async () => {
    await using house = await openHouse({ settings: quick });
    expect(await allOf(house.follow('recipients-1'))).toEqual(['delivered']);
    expect(house.sandbox.callCount()).toBe(1);
  });

  it('of a log whose number of recipients is unknown is told more, until it is known and the log is final', async () => {
    const delivered = { ...message, status: 'delivered' };
    await using open = await openHouseOn((id, asked) => {
      const total = asked < 3 ? null : 1;
      return http('200 OK', JSON.stringify({ ...JSON.parse(log(id, [delivered])), total_recipients: total }));
    });
    expect(await allOf(open.house.follow('a'))).toEqual(['delivered', 'delivered']);
    expect(open.fake.asked).toHaveLength(3);
  });

  it('A log that is followed stays missing', async () => {
    await using house = await openHouse({ settings: { ...quick, LIVE_NOT_FOUND_SECONDS: '0.3' } });
    expect(await allOf(house.follow('missing'))).toEqual(['NotFound']);
    expect(house.sandbox.callCount()).toBeGreaterThan(2);
  });

  it('of a log that was just sent is told when it is there', async () => {
    await using open = await openHouseOn((id, asked) => (asked < 4 ? missing : withStatus(id, 'delivered')));
    expect(await allOf(open.house.follow('a'))).toEqual(['NotFound', 'delivered']);
  });

  it('D7 fails briefly while a log is followed', async () => {
    const bad = [http('503 No', ''), http('429 No', ''), http('200 OK', '{'), http('500 No', '')];
    await using open = await openHouseOn((id, asked) =>
      asked === 1 ? withStatus(id, 'sent') : (bad[asked - 2] ?? withStatus(id, 'delivered')),
    );
    expect(await allOf(open.house.follow('a'))).toEqual(['sent', 'delivered']);
  });

  it('is not told of failures that come and go for longer than they may last', async () => {
    await using open = await openHouseOn(
      (id, asked) =>
        asked > 40 ? withStatus(id, 'delivered') : asked % 2 ? http('500 No', '') : withStatus(id, `state-${asked}`),
      { settings: { LIVE_FAILURE_SECONDS: '0.4', BREAKER_MIN_CALLS: '1000' } },
    );
    const told = await allOf(open.house.follow('a'));
    expect(told.at(-1)).toBe('delivered');
    expect(told).toHaveLength(21);
  });

  it('D7 fails for too long while a log is followed', async () => {
    await using open = await openHouseOn((id, asked) => (asked === 1 ? withStatus(id, 'sent') : http('500 No', '')), {
      settings: { LIVE_FAILURE_SECONDS: '0.3' },
    });
    expect(await allOf(open.house.follow('a'))).toEqual(['sent', 'UPSTREAM_UNAVAILABLE']);
    expect(open.fake.asked.length).toBeGreaterThan(3);
  });

  it.each([
    ['401', 'UNAUTHENTICATED'],
    ['403', 'FORBIDDEN'],
    ['402', 'INSUFFICIENT_CREDIT'],
    ['422', 'BAD_USER_INPUT'],
  ])('D7 refuses the caller while a log is followed: %s is %s', async (status, code) => {
    await using open = await openHouseOn((id, asked) =>
      asked === 1 ? withStatus(id, 'sent') : http(`${status} No`, ''),
    );
    expect(await allOf(open.house.follow('a'))).toEqual(['sent', code]);
    expect(open.fake.asked).toHaveLength(2);
  });

  it('keeps to D7’s Retry-After', async () => {
    const limited = http('429 No', '', { 'retry-after': 1 });
    await using open = await openHouseOn((id, asked) => (asked === 1 ? limited : withStatus(id, 'delivered')));
    const startedMs = performance.now();
    expect(await allOf(open.house.follow('a'))).toEqual(['delivered']);
    expect(performance.now() - startedMs).toBeGreaterThan(990);
  });

  // mastra-ai/mastra#23778, getsentry/sentry#7919
  it.each(['-40', '-3600', 'abc 2099'])('is not delayed by an invalid Retry-After: %s', async (retryAfter) => {
    const limited = http('429 No', '', { 'retry-after': retryAfter });
    await using open = await openHouseOn((id, asked) => (asked === 1 ? limited : withStatus(id, 'delivered')));
    const startedMs = performance.now();
    expect(await allOf(open.house.follow('a'))).toEqual(['delivered']);
    expect(performance.now() - startedMs).toBeLessThan(5000);
  });

  it('with another token has another stream, with that token’s answers', async () => {
    await using house = await openHouse({ sandbox: { tokens: ['anna', 'bert'] } });
    const query = `subscription Channel($requestId: ID!) { viberLog(requestId: $requestId) { ... on ViberLog { channel } } }`;
    const channels = await Promise.all(
      ['anna', 'bert'].map(async (token) => {
        const events = house.follow('account', { authorization: `Bearer ${token}`, query });
        return (await events.next()).value?.data.viberLog.channel;
      }),
    );
    expect(channels).toEqual(['viber-account-0', 'viber-account-1']);
  });

  it.each([
    ['no token', '', 'a', 'UNAUTHENTICATED'],
    ['an id that cannot be one', 'Bearer sandbox-token', '../..', 'BAD_USER_INPUT'],
  ])('with %s is told so, and D7 is not asked', async (_what, authorization, requestId, code) => {
    await using house = await openHouse();
    expect(await allOf(house.follow(requestId, { authorization }))).toEqual([code]);
    expect(house.sandbox.callCount()).toBe(0);
  });

  it('who comes later is told the present state at once', async () => {
    let status = 'sent';
    await using open = await openHouseOn((id) => withStatus(id, status), {
      settings: { LIVE_MIN_INTERVAL_SECONDS: '3600', LIVE_MAX_INTERVAL_SECONDS: '3600' },
    });
    const early = open.house.follow('a');
    expect(short((await early.next()).value)).toBe('sent');
    status = 'queued';
    // Nobody would look again for an hour; and nothing that is kept is fresh.
    const late = open.house.follow('a');
    expect(short((await late.next()).value)).toBe('queued');
    expect(short((await early.next()).value)).toBe('queued');
    expect(open.fake.asked).toHaveLength(2);
  });

  it('who comes a moment later costs no call', async () => {
    await using open = await openHouseOn((id) => withStatus(id, 'sent'), {
      settings: { LIVE_MIN_INTERVAL_SECONDS: '3600', LIVE_MAX_INTERVAL_SECONDS: '3600', CACHE_LIVE_TTL_SECONDS: '60' },
    });
    for (const _ of [1, 2, 3]) expect(short((await open.house.follow('a').next()).value)).toBe('sent');
    expect(open.fake.asked).toHaveLength(1);
  });

  it('who leaves last takes the call with them that is under way', async () => {
    const held: Promise<unknown>[] = [];
    await using open = await openHouseOn(
      (id, asked) =>
        asked === 1
          ? withStatus(id, 'sent')
          : (socket) => {
              held.push(once(socket, 'close'));
            },
      { settings: patient },
    );
    const events = open.house.follow('a');
    await events.next();
    await expect.poll(() => held.length).toBe(1);
    await events.return?.();
    await held[0];
    expect(open.house.logged.join()).toContain('cancelled');
  });

  it('A client subscribes without accepting a stream', async () => {
    await using house = await openHouse({ settings: { LIVE_MAX_SUBSCRIPTIONS: '1' } });
    for (const accept of ['application/json', 'multipart/mixed']) {
      const options = { variables: { requestId: 'moving' }, headers: { accept: `${accept}, application/json` } };
      const { status, body } = await house.ask(liveLog, options);
      expect([status, body.errors[0].extensions.code]).toEqual([406, 'NOT_ACCEPTABLE']);
    }
    expect(house.sandbox.callCount()).toBe(0);
    expect(short((await house.follow('moving').next()).value)).toBe('sent');
  });
});

describe('subscriptions', () => {
  it('A caller opens too many subscriptions', async () => {
    const sandbox = { tokens: ['anna', 'bert'] };
    await using house = await openHouse({ sandbox, settings: { LIVE_MAX_SUBSCRIPTIONS_PER_CALLER: '2' } });
    const anna = { authorization: 'Bearer anna' };
    const first = house.follow('moving-1', anna);
    await first.next();
    await house.follow('moving-2', anna).next();
    expect(await allOf(house.follow('moving-3', anna))).toEqual(['MAX_SUBSCRIPTIONS_LIMIT']);
    expect(short((await house.follow('moving-1', { authorization: 'Bearer bert' }).next()).value)).toBe('sent');
    await first.return?.();
    await expect.poll(async () => short((await house.follow('moving-3', anna).next()).value)).toBe('sent');
  });

  it('All callers together open too many subscriptions', async () => {
    const sandbox = { tokens: ['anna', 'bert'] };
    await using house = await openHouse({ sandbox, settings: { LIVE_MAX_SUBSCRIPTIONS: '1' } });
    await house.follow('moving', { authorization: 'Bearer anna' }).next();
    expect(await allOf(house.follow('moving', { authorization: 'Bearer bert' }))).toEqual(['MAX_SUBSCRIPTIONS_LIMIT']);
  });

  it('A subscription lives too long', async () => {
    await using open = await openHouseOn((id) => withStatus(id, 'sent'), { settings: { LIVE_MAX_SECONDS: '0.2' } });
    expect(await allOf(open.house.follow('a'))).toEqual(['sent']);
  });

  it('have a line each in the log, when they have ended', async () => {
    await using open = await openHouseOn((id, asked) => withStatus(id, asked === 1 ? 'sent' : 'delivered'));
    await allOf(open.house.follow('a'));
    const lines = open.house.logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'operation');
    expect(lines).toMatchObject([{ operationName: 'LiveLog', codes: [] }]);
    const looks = open.house.logged.filter((line) => line.includes('upstream attempt'));
    expect(looks.map((line) => JSON.parse(line).operationId)).toEqual(Array(2).fill(lines[0].operationId));
  });

  it('are in no cache, and held back by no proxy', async () => {
    await using house = await openHouse();
    const options = { variables: { requestId: 'recipients-1' }, headers: { accept: 'text/event-stream' } };
    const { headers } = await house.stream(liveLog, options);
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'private, no-store',
      'content-type': 'text/event-stream',
      'x-accel-buffering': 'no',
    });
    expect(headers.has('content-encoding')).toBe(false);
  });
});

describe('fifty subscribers to one log', () => {
  it('cost the calls of one, are told the same changes in order, and leave nothing behind', async () => {
    const before = resources();
    {
      // Until all have come nothing moves; then each look finds one message more final than the last.
      let movedAfter = Number.POSITIVE_INFINITY;
      const now = () => Math.max(0, sandbox.callCount() - movedAfter) * 1000;
      const sandbox = await openSandbox({ now });
      await using house = await openHouse({
        settings: {
          ...quick,
          LIVE_MIN_INTERVAL_SECONDS: '0.05',
          CACHE_LIVE_TTL_SECONDS: '60',
          D7_BASE_URL: sandbox.url,
        },
      });
      const streams = Array.from({ length: 50 }, () => house.follow('moving'));
      const firsts = await Promise.all(streams.map((stream) => stream.next()));
      movedAfter = sandbox.callCount();

      const told = await Promise.all(
        streams.map(async (stream, index) => {
          const states = [statusesOf(firsts[index]?.value)];
          for await (const event of stream) states.push(statusesOf(event));
          return states;
        }),
      );
      expect(sandbox.callCount() - movedAfter).toBe(10);
      const moved = Array.from({ length: 11 }, (_, step) =>
        Array.from({ length: 10 }, (_, index) => (index >= step ? 'S' : index % 5 === 4 ? 'U' : 'D')).join(''),
      );
      for (const states of told) expect(states).toEqual(moved);
      await sandbox.close();
    }
    await expectNothingLeft(before);
  });
});

describe('a subscriber who reads slowly', () => {
  it('A subscriber reads slowly', async () => {
    const states = 60;
    const before = process.memoryUsage().rss;
    await using open = await openHouseOn((id, asked) => {
      const status = asked < states ? `state-${asked}` : 'delivered';
      return http('200 OK', log(id, Array(8000).fill({ ...message, status })));
    });
    const body = JSON.stringify({ query: liveLog, variables: { requestId: 'a' } });
    const headers = {
      accept: 'text/event-stream',
      'content-type': 'application/json',
      authorization: `Bearer ${sandboxToken}`,
    };
    const asked = request(open.house.url, { method: 'POST', headers }).end(body);
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    await expect.poll(() => open.fake.asked.length, { timeout: 20_000 }).toBe(states);
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) text += chunk;
    const told = [...text.matchAll(/^data: \{.*?"rawStatus":"([^"]+)"/gm)].map(([, status]) => status);
    expect(told.at(-1)).toBe('delivered');
    // What the sockets hold on both sides was told; of the rest only the last.
    expect(told.length).toBeLessThan(states / 2);
    expect(text.endsWith('event: complete\ndata:\n\n')).toBe(true);
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1024 * 1024);
  });
});

describe('when the gateway stops', () => {
  it('The gateway stops while logs are followed', async () => {
    await using sandbox = await openSandbox();
    await using gateway = start('src/main.ts', { PORT: '0', D7_BASE_URL: sandbox.url, SHUTDOWN_TIMEOUT_SECONDS: '60' });
    const response = await fetch(await urlOf(gateway), {
      method: 'POST',
      headers: {
        accept: 'text/event-stream',
        'content-type': 'application/json',
        authorization: `Bearer ${sandboxToken}`,
      },
      body: JSON.stringify({ query: liveLog, variables: { requestId: 'moving' } }),
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    while (!text.includes('"SENT"')) text += (await reader?.read())?.value ?? '';
    gateway.child.kill('SIGTERM');
    const rest = async () => {
      for (let chunk = await reader?.read(); !chunk?.done; chunk = await reader?.read()) text += chunk?.value;
    };
    // Cut off, not completed: then clients subscribe again.
    await expect(rest()).rejects.toThrow();
    expect(text).not.toContain('complete');
    expect(await gateway.ended).toEqual([0, null]);
  });
});

function statusesOf(event: Event | undefined): string {
  return event?.data.viberLog.messages.map(({ status }: { status: string }) => status[0]).join('');
}
