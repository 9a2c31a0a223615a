/** Responses of D7 on which gateways failed, by public reports, over every transport. hazards.test.ts has those that need a connection. */
import { describe, expect, it } from 'vitest';
import { http, log, message, openFakeUpstream } from './fake-upstream.ts';
import { type House, liveLog, oneLog, openHouse } from './house.ts';
import { transports } from './transports.ts';

const requestId = 'ceba9fac-838c-44c7-b67d-03a4a6352058';
const ways = Object.entries(transports);
/** The first event: a log that is missing, or has no known number of recipients, is followed on. */
const streams: [string, (house: House) => Promise<unknown>][] = [
  ['server-sent events', async (house) => (await house.follow(requestId).next()).value],
  [
    'WebSocket',
    async (house) => (await transports.WebSocket(house, { query: liveLog, variables: { requestId } })).body,
  ],
];
const final = { ...message, status: 'delivered' };
const other = { ...final, msg_id: 'm2' };

/** The log with these two messages, and what else is said. */
const logWith = (messages: readonly object[], more: object = {}) =>
  JSON.stringify({ ...JSON.parse(log(requestId, messages)), ...more });
const seen = { msgId: 'm1', status: 'DELIVERED', recipient: message.recipient, viberCost: 0.0004 };
const seenOther = { ...seen, msgId: 'm2' };
const noSuchLog = JSON.stringify({ detail: { code: 'VIBER_MESSAGE_LOG_NOT_EXISTS', message: 'No such log.' } });

async function openHouseBefore(response: Buffer) {
  const fake = await openFakeUpstream(() => response);
  const house = await openHouse({ settings: { D7_BASE_URL: fake.url, UPSTREAM_MAX_RETRIES: '0' } });
  const close = async () => {
    await fake[Symbol.asyncDispose]();
    await house[Symbol.asyncDispose]();
  };
  return { house, [Symbol.asyncDispose]: close };
}

describe.each<[string, Buffer, object]>([
  // weaviate/weaviate#2647
  [
    'the request id in upper case',
    http('200 OK', logWith([final, other], { request_id: requestId.toUpperCase() })),
    { requestId, messages: [{ requestId, ...seen }, seenOther] },
  ],
  // node-fetch/node-fetch#541
  ['a byte order mark before the log', http('200 OK', `\uFEFF${logWith([final])}`), { requestId, messages: [seen] }],
  [
    'a byte order mark before the error body',
    http('404 Not Found', `\uFEFF${noSuchLog}`),
    { __typename: 'NotFound', code: 'VIBER_MESSAGE_LOG_NOT_EXISTS' },
  ],
  // twilio/twilio-node#45, markandrus/twilio-haskell#70
  ...[
    [null, null],
    [undefined, null],
    ['0.0004', 0.0004],
  ].map(([viber_cost, viberCost]): [string, Buffer, object] => [
    `a cost that is ${JSON.stringify(viber_cost)} in one row of two`,
    http('200 OK', logWith([{ ...final, viber_cost }, other])),
    { requestId, messages: [{ ...seen, viberCost }, seenOther] },
  ]),
  // bilipp/Lume#146
  ...[
    ['2', 2],
    [null, null],
    [undefined, null],
  ].map(([total_recipients, totalRecipients]): [string, Buffer, object] => [
    `${JSON.stringify(total_recipients)} recipients`,
    http('200 OK', logWith([final, other], { total_recipients })),
    { requestId, totalRecipients, messages: [seen, seenOther] },
  ]),
  [
    'no channel',
    http('200 OK', logWith([final, other], { channel: undefined })),
    { requestId, channel: null, messages: [seen, seenOther] },
  ],
  [
    'a row of numbers that should be text, and of text that should be numbers',
    http(
      '200 OK',
      logWith([
        { ...final, msg_id: 4711, recipient: 971509752600, number_of_viber_message: '1', schedule_time: 1707126522 },
        other,
      ]),
    ),
    {
      messages: [
        { ...seen, msgId: '4711', recipient: '971509752600', numberOfViberMessage: 1, scheduleTime: null },
        seenOther,
      ],
    },
  ],
])('D7 sends %s', (_what, response, viberLog) => {
  it.each(ways)('in a query: %s', async (_way, transport) => {
    await using open = await openHouseBefore(response);
    const { body } = await transport(open.house, { query: oneLog, variables: { requestId } });
    expect(body).toEqual({ data: { viberLog: expect.objectContaining(viberLogMatching(viberLog)) } });
  });

  it.each(streams)('in a subscription: %s', async (_way, firstEventOf) => {
    await using open = await openHouseBefore(response);
    expect(await firstEventOf(open.house)).toEqual({
      data: { viberLog: expect.objectContaining(viberLogMatching(viberLog)) },
    });
  });
});

// bilipp/Lume#146
it.each(ways)('A status that is null is UNKNOWN: %s', async (_way, transport) => {
  await using open = await openHouseBefore(http('200 OK', logWith([{ ...final, status: null }, other])));
  const { body } = await transport(open.house, { query: oneLog, variables: { requestId } });
  expect(body).toMatchObject({
    data: { viberLog: { messages: [{ ...seen, status: 'UNKNOWN', rawStatus: null }, seenOther] } },
  });
});

// mastra-ai/mastra#23778, getsentry/sentry#7919
describe.each([
  ['429 Too Many Requests', 'RATE_LIMITED'],
  ['503 Service Unavailable', 'UPSTREAM_UNAVAILABLE'],
])('A Retry-After of D7 with %s', (status, code) => {
  it.each([
    ['40 ', 40],
    ['\t40', 40],
    ['9999999999', 86_400],
    ['-40', undefined],
    ['-3600', undefined],
    ['abc 2099', undefined],
  ])('of %j is %s seconds, over every transport', async (retryAfter, retryAfterSeconds) => {
    await using open = await openHouseBefore(http(status, '', { 'retry-after': retryAfter }));
    for (const [way, transport] of ways) {
      const { body } = await transport(open.house, { query: oneLog, variables: { requestId } });
      expect(body.errors[0].extensions, way).toEqual({ code, retryAfterSeconds });
    }
  });
});

function viberLogMatching(viberLog: object): object {
  return Object.fromEntries(
    Object.entries(viberLog).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map((row) => expect.objectContaining(row)) : value,
    ]),
  );
}
