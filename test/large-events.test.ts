/** Events that are large: what they hold until the client has them, and what is sent where there is no memory for one. */
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { http, log, message, openFakeUpstream, type Says } from './fake-upstream.ts';
import { type Event, type House, openHouse, patient } from './house.ts';
import { connect } from './websocket-client.ts';

type Following = AsyncDisposable & { events: () => Event[] };

async function followByEvents({ url }: House, query: string, accept: string): Promise<Following> {
  const controller = new AbortController();
  const headers = { 'content-type': 'application/json', accept, authorization: 'Bearer sandbox-token' };
  const body = JSON.stringify({ query });
  const response = await fetch(url, { method: 'POST', headers, body, signal: controller.signal });
  let text = '';
  const reading = (async () => {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString('latin1');
  })().catch(() => {});
  const events = () => [...text.matchAll(/^event: next\ndata: (.*)\n/gm)].map(([, json = '']) => JSON.parse(json));
  const leave = async () => {
    controller.abort();
    await reading;
  };
  return { events, [Symbol.asyncDispose]: leave };
}

async function followByWebSocket(house: House, query: string): Promise<Following> {
  const client = await connect(house);
  client.say({ id: '1', type: 'subscribe', payload: { query } });
  const events = () => client.messages.filter(({ type }) => type === 'next').map(({ payload }) => payload);
  return { events, [Symbol.asyncDispose]: client[Symbol.asyncDispose] };
}

type Follow = (house: House, query: string) => Promise<Following>;
const ways: [string, Follow][] = [
  ['server-sent events', (house, query) => followByEvents(house, query, 'text/event-stream')],
  ['server-sent events of Yoga', (house, query) => followByEvents(house, query, 'text/event-stream, text/html;q=0.1')],
  ['WebSocket', followByWebSocket],
];

const settings = {
  ...patient,
  LIVE_MIN_INTERVAL_SECONDS: '0.02',
  LIVE_MAX_INTERVAL_SECONDS: '0.05',
  MAX_BYTES_IN_FLIGHT: '480000',
  UPSTREAM_MAX_BODY_BYTES: '300000',
  MAX_RESPONSE_BYTES: '300000',
};

/** An event of 6 KB for each time, made of a log of 9 KB. */
const repeated = (times: number) => {
  const aliases = Array.from({ length: times }, (_, index) => `a${index}: messages { ...M }`);
  return `subscription { viberLog(requestId: "live") { ... on ViberLog { ${aliases.join(' ')} } } }
    fragment M on ViberMessage { requestId msgId country recipient status rawStatus viberCost }`;
};
const rows = (count: number) => Array.from({ length: count }, (_, index) => ({ ...message, msg_id: `m${index}` }));

/** `live` does not change, `rows-2000` is a log of so many rows, and the last byte of `held` comes when it is let go. */
async function openLarge(more: Record<string, string> = {}) {
  let held: Socket | undefined;
  const heldBody = JSON.stringify({ request_id: 'held', padding: 'x'.repeat(280_000), messages: [] });
  const whole = http('200 OK', heldBody);
  const hold = (socket: Socket) => {
    held = socket;
    socket.write(whole.subarray(0, -1));
  };
  const says = (id: string): Says => {
    if (id === 'held') return hold;
    return http('200 OK', log(id, rows(id === 'live' ? 50 : Number(id.split('-')[1]))));
  };
  const fake = await openFakeUpstream(says);
  const house = await openHouse({ settings: { ...settings, D7_BASE_URL: fake.url, ...more } });
  const close = async () => {
    await fake[Symbol.asyncDispose]();
    await house[Symbol.asyncDispose]();
  };
  return { house, letGo: () => held?.write(whole.subarray(-1)), [Symbol.asyncDispose]: close };
}

const total = (count: number) => `{ viberLog(requestId: "rows-${count}") { ... on ViberLog { totalRecipients } } }`;

describe.each(ways)('over %s', (_name, follow) => {
  it('a large event holds memory until the client has it, and not until the next one', async () => {
    await using open = await openLarge();
    const { house } = open;
    await using one = await follow(house, repeated(16));
    await using other = await follow(house, repeated(15));
    for (const { events } of [one, other]) await expect.poll(() => events().length).toBe(1);
    // Of 320 KB that one caller may hold.
    const ask = async () => (await house.ask(total(1700))).body.errors;
    await expect.poll(ask, { timeout: 3000 }).toBeUndefined();
    expect([...one.events(), ...other.events()].map(({ errors }) => errors)).toEqual([undefined, undefined]);
  });

  it('an event that there is no memory for comes once there is, also if nothing has changed', async () => {
    await using open = await openLarge();
    const { house, letGo } = open;
    const holding = house.ask('{ viberLog(requestId: "held") { __typename } }');
    await expect.poll(async () => (await house.ask(total(1000))).body.errors?.[0].extensions.code).toBe('OVERLOADED');
    await using one = await follow(house, repeated(24));
    await expect.poll(() => one.events()[0]?.errors?.[0]?.extensions.code).toBe('OVERLOADED');
    letGo();
    await holding;
    await expect.poll(() => one.events().at(-1)?.data?.viberLog.a0.length, { timeout: 3000 }).toBe(50);
    const count = one.events().length;
    // It is not sent again and again.
    for (let polls = 0; polls < 3; polls += 1) await house.ask(total(10));
    expect(one.events()).toHaveLength(count);
  });

  it('the line of a subscription has the code of an event that was too large', async () => {
    await using open = await openLarge({ MAX_RESPONSE_BYTES: '20000' });
    const { house } = open;
    {
      await using one = await follow(house, repeated(24));
      await expect.poll(() => one.events()[0]?.errors?.[0]?.extensions.code).toBe('MAX_RESPONSE_BYTES_LIMIT');
    }
    const line = () => house.logged.map((text) => JSON.parse(text)).find(({ msg }) => msg === 'operation');
    await expect.poll(() => line()?.codes).toEqual(['MAX_RESPONSE_BYTES_LIMIT']);
  });
});
