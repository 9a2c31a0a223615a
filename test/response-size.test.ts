/** How large a response may be, and that a large one keeps nobody waiting: over every transport. */
import { connect } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import { http, log, message, openFakeUpstream } from './fake-upstream.ts';
import { type House, liveLog, oneLog, openHouse } from './house.ts';
import { type Call, largeTransports, transports } from './transports.ts';

const times = <Item>(count: number, item: (index: number) => Item) =>
  Array.from({ length: count }, (_, index) => item(index));

/** `rows-1000` is a log of 1000 messages. */
async function openLargeHouse(settings: Record<string, string> = {}) {
  const fake = await openFakeUpstream((requestId) => {
    const count = Number(requestId.split('-')[1] ?? 1);
    const messages = times(count, (index) => ({ ...message, msg_id: `m${index}`, status: 'delivered' }));
    return http('200 OK', log(requestId, messages));
  });
  const house = await openHouse({ settings: { D7_BASE_URL: fake.url, ...settings } });
  const close = async () => {
    await fake[Symbol.asyncDispose]();
    await house[Symbol.asyncDispose]();
  };
  return { fake, house, [Symbol.asyncDispose]: close };
}

const wholeLog = '__typename ... on ViberLog { messages { __typename msgId country recipient rawStatus viberCost } }';
const severalLogs = `query ($ids: [ID!]!) { viberLogs(requestIds: $ids) { ${wholeLog} } }`;
const entities = `query ($r: [_Any!]!) { _entities(representations: $r) { ${wholeLog} ... on ViberRequest { log { ${wholeLog} } } } }`;
const representations = (count: number, typename: string) =>
  times(count, () => ({ __typename: typename, requestId: 'rows-100' }));

const tooLarge = {
  errors: [{ message: expect.any(String), extensions: { code: 'MAX_RESPONSE_BYTES_LIMIT' } }],
  data: null,
};

/** Each is about 13 KB for each 100 rows. */
const calls: [string, (count: number) => Call][] = [
  ['several logs', (count) => ({ query: severalLogs, variables: { ids: times(count, () => 'rows-100') } })],
  ['one log', (count) => ({ query: `{ viberLog(requestId: "rows-${count * 100}") { ${wholeLog} } }` })],
  [
    'aliases',
    (count) => ({
      query: `{ ${times(count, (i) => `a${i}: viberLog(requestId: "rows-100") { ...L }`).join(' ')} } fragment L on ViberLogResult { ${wholeLog} }`,
    }),
  ],
  ['entities', (count) => ({ query: entities, variables: { r: representations(count, 'ViberLog') } })],
  ['handles', (count) => ({ query: entities, variables: { r: representations(count, 'ViberRequest') } })],
  [
    'a subscription',
    (count) => ({ query: `subscription { viberLog(requestId: "rows-${count * 100}") { ${wholeLog} } }` }),
  ],
];
const ways = Object.entries(transports)
  .flatMap(([name, ask]) => calls.map(([what, call]) => ({ name, what, ask, call })))
  // A subscription is answered as a stream, and by nothing else over HTTP.
  .filter(({ name, what }) => what !== 'a subscription' || name === 'WebSocket' || name === 'server-sent events');

describe('a response', () => {
  it.each(ways)(
    'of $what over $name is sent whole up to the limit, and not at all beyond it',
    async ({ ask, call }) => {
      let limit = 0;
      {
        await using open = await openLargeHouse();
        const { body } = await ask(open.house, call(5));
        expect(body.errors).toBeUndefined();
        limit = Buffer.byteLength(JSON.stringify(body));
      }
      // A message of a WebSocket has its id and its type around it.
      for (const [maxBytes, isSent] of [
        [limit + 100, true],
        [limit - 1, false],
      ] as const) {
        await using open = await openLargeHouse({ MAX_RESPONSE_BYTES: String(maxBytes) });
        const { status = 200, body } = await ask(open.house, call(5));
        expect(status).toBe(200);
        if (isSent) expect(Buffer.byteLength(JSON.stringify(body))).toBe(limit);
        else expect(body).toEqual(tooLarge);
        // The next one is answered as if nothing had been.
        expect((await ask(open.house, { query: '{ __typename }' })).body).toEqual({ data: { __typename: 'Query' } });
      }
    },
  );

  it('of one message with a value that is too large is not sent', async () => {
    const huge = { ...message, recipient: '9'.repeat(3_000_000) };
    await using fake = await openFakeUpstream((requestId) => http('200 OK', log(requestId, [huge])));
    await using house = await openHouse({ settings: { D7_BASE_URL: fake.url, MAX_RESPONSE_BYTES: '1000000' } });
    const r = times(300, () => ({ __typename: 'ViberMessage', requestId: 'a', msgId: message.msg_id }));
    const query = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on ViberMessage { recipient } } }';
    expect((await house.ask(query, { variables: { r } })).body).toEqual(tooLarge);
    expect((await house.ask(oneLog, { variables: { requestId: 'a' } })).body).toEqual(tooLarge);
  });

  it('that is too large has a line in the log that says so', async () => {
    await using open = await openLargeHouse({ MAX_RESPONSE_BYTES: '10000' });
    for (const [, ask] of Object.entries(transports))
      await ask(open.house, { query: severalLogs, variables: { ids: ['rows-1000'] } });
    const lines = () => open.house.logged.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'operation');
    await expect.poll(lines).toHaveLength(5);
    for (const { codes } of lines()) expect(codes).toEqual(['MAX_RESPONSE_BYTES_LIMIT']);
  });
});

describe.each(largeTransports)('over %s', (_name, ask) => {
  it('one log 100 times under 5 aliases makes no large response, and little work', async () => {
    await using open = await openLargeHouse();
    const aliases = times(5, (index) => `a${index}: viberLogs(requestIds: $ids) { ${wholeLog} }`).join(' ');
    const query = `query ($ids: [ID!]!) { ${aliases} }`;
    const before = process.cpuUsage();
    const { body } = await ask(open.house, { query, variables: { ids: times(100, () => 'rows-10000') } });
    expect(body).toEqual(tooLarge);
    // It was 46 s, and a gigabyte.
    expect(process.cpuUsage(before).user / 1000).toBeLessThan(10_000);
    expect(open.fake.asked).toEqual(['rows-10000']);
  });

  it('a large response lets others in between', async () => {
    // On a busy machine this process reads slowly.
    await using open = await openLargeHouse({ CLIENT_STALL_SECONDS: '300' });
    await open.house.ask(severalLogs, { variables: { ids: ['rows-10000'] } });
    const large = ask(open.house, { query: severalLogs, variables: { ids: times(20, () => 'rows-10000') } });
    await expect.poll(() => open.fake.asked.length, { interval: 1 }).toBe(2);
    const isDone = large.then(() => true);
    let small = 0;
    do {
      expect((await open.house.ask('{ __typename }')).body).toEqual({ data: { __typename: 'Query' } });
      small += 1;
    } while (!(await Promise.race([isDone, false])));
    expect((await large).body.data.viberLogs).toHaveLength(20);
    // All in one go, it would be answered before the second of them. ReadResult it is the test's own work, in one go.
    expect(small).toBeGreaterThan(10);
  });
});

it('several large responses take turns: the event loop is never held for long', async () => {
  await using open = await openLargeHouse({ MAX_BYTES_IN_FLIGHT: String(1024 ** 3) });
  const { url } = open.house;
  await open.house.ask(severalLogs, { variables: { ids: ['rows-10000'] } });
  // Bytes that nobody parses, so that what is measured is the gateway.
  const body = JSON.stringify({ query: severalLogs, variables: { ids: times(15, () => 'rows-10000') } });
  const headers = { 'content-type': 'application/json', authorization: 'Bearer sandbox-token' };
  const read = async (accept: string) => {
    const response = await fetch(url, { method: 'POST', headers: { ...headers, accept }, body });
    let bytes = 0;
    for await (const chunk of response.body ?? []) bytes += chunk.length;
    return bytes;
  };
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const sizes = await Promise.all(
    times(6, (index) => read(index % 2 ? 'application/json' : 'application/json, text/html;q=0.1')),
  );
  delay.disable();
  expect(new Set(sizes).size).toBe(1);
  expect(sizes[0]).toBeGreaterThan(15_000_000);
  // Each of them takes longer in one go; without turns all six would be written in one iteration.
  expect(delay.percentile(90) / 1e6).toBeLessThan(250);
});

describe('what operations hold', () => {
  /** One log with its response fits into the two thirds that one caller may hold, and two do not. */
  const limits = { MAX_BYTES_IN_FLIGHT: '1050000', MAX_RESPONSE_BYTES: '700000', UPSTREAM_MAX_BODY_BYTES: '600000' };
  const large = { query: severalLogs, variables: { ids: ['rows-2000'] } };

  it.each(Object.entries(transports))('over %s is given back when the response is sent', async (_name, ask) => {
    await using open = await openLargeHouse(limits);
    for (let time = 0; time < 6; time += 1) {
      const { body } = await ask(open.house, large);
      expect(body.errors, `time ${time}`).toBeUndefined();
      // The client has it all a moment before the server knows.
      await untilFree(open.house);
    }
  });

  it('by a subscription is given back', async () => {
    await using open = await openLargeHouse(limits);
    for (let time = 0; time < 6; time += 1) {
      const events = [];
      for await (const event of open.house.follow('rows-2000', { query: liveLog })) events.push(event);
      expect(events).toHaveLength(1);
      expect(events[0]?.errors).toBeUndefined();
      await untilFree(open.house);
    }
  });

  it.each([
    ['by the fast path', 'application/json'],
    ['through Yoga', 'application/json, text/html;q=0.1'],
    ['as events', 'text/event-stream'],
  ])('%s is given back when the client disconnects, whenever that is', async (_how, accept) => {
    await using open = await openLargeHouse(limits);
    const { hostname, port } = new URL(open.house.url);
    const body = JSON.stringify(large);
    const head = `POST /graphql HTTP/1.1\r\nhost: x\r\naccept: ${accept}\r\nauthorization: Bearer sandbox-token\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
    for (let time = 0; time < 20; time += 1) {
      const socket = connect(Number(port), hostname).on('error', () => {});
      socket.write(head + body);
      const asked = time + 1;
      // Some leave before D7 is asked, some when it has answered, some in the middle of the response.
      if (time % 3 > 0) await expect.poll(() => open.fake.asked.length, { interval: 1 }).toBeGreaterThan(asked / 3);
      if (time % 3 > 1) await new Promise((resolve) => socket.once('data', resolve));
      socket.destroy();
    }
    await untilFree(open.house);
    expect((await open.house.ask(large.query, large)).body.errors).toBeUndefined();
  });

  it('is counted once where callers share it', async () => {
    await using open = await openLargeHouse({ ...limits, CACHE_FINAL_TTL_SECONDS: '60' });
    const small = '{ viberLog(requestId: "rows-2000") { ... on ViberLog { totalRecipients } } }';
    await open.house.ask(small);
    const replies = await Promise.all(times(20, (index) => open.house.ask(`${small} # ${index}`)));
    for (const { body } of replies) expect(body).toEqual({ data: { viberLog: { totalRecipients: 2000 } } });
    expect(open.fake.asked).toHaveLength(1);
  });

  it('beyond the limit fails with OVERLOADED, and what fits is answered', async () => {
    await using open = await openLargeHouse(limits);
    const query =
      '{ viberLogs(requestIds: ["rows-2000", "rows-2001", "rows-2002", "rows-2003", "rows-1"]) { __typename } }';
    for (const [, ask] of Object.entries(transports)) {
      const { body } = await ask(open.house, { query });
      expect(body.data.viberLogs.filter(Boolean).length).toBeGreaterThan(0);
      for (const { extensions } of body.errors)
        expect(extensions).toEqual({ code: 'OVERLOADED', retryAfterSeconds: 1 });
      await untilFree(open.house);
    }
  });
});

/** Until an operation that needs nearly all there is succeeds. */
async function untilFree(house: House): Promise<void> {
  const query = '{ viberLog(requestId: "rows-2500") { ... on ViberLog { totalRecipients } } }';
  await expect.poll(async () => (await house.ask(query)).body.errors, { interval: 5 }).toBeUndefined();
}
