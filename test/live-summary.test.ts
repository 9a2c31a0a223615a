/** Subscriptions that select less than the whole log: which changes make an event. */
import { expect, it } from 'vitest';
import { http, log, message, openFakeUpstream } from './fake-upstream.ts';
import { type Event, openHouse } from './house.ts';

const quick = { LIVE_MIN_INTERVAL_SECONDS: '0.02', LIVE_MAX_INTERVAL_SECONDS: '0.05', UPSTREAM_MAX_RETRIES: '0' };

/** D7 gives one state after the other, and the last one from then on. @returns the events until the stream ends. */
async function eventsOf(selection: string, states: readonly object[][]): Promise<Event[]> {
  const bodies = states.map((messages) => http('200 OK', log('a', messages)));
  await using fake = await openFakeUpstream((_id, asked) => bodies[Math.min(asked, bodies.length) - 1] as Buffer);
  await using house = await openHouse({ settings: { ...quick, D7_BASE_URL: fake.url } });
  const query = `subscription ($requestId: ID!) { viberLog(requestId: $requestId) { ... on ViberLog { ${selection} } } }`;
  const events: Event[] = [];
  for await (const event of house.follow('a', { query })) events.push(event);
  expect(fake.asked.length).toBe(states.length);
  return events;
}

const logs = (events: Event[]) => events.map(({ data }) => data.viberLog);
const one = { ...message, msg_id: 'm1', status: 'sent' };
const two = { ...message, msg_id: 'm2', country: 'DE', status: 'sent' };
/** The second state changes a recipient, the third one a status of one message, and the last one is final. */
const states = [
  [one, two],
  [{ ...one, recipient: '+971500000000' }, two],
  [one, { ...two, status: 'delivered' }],
  [
    { ...one, recipient: '+971500000001' },
    { ...two, status: 'delivered' },
  ],
  [
    { ...one, status: 'undelivered' },
    { ...two, status: 'delivered' },
  ],
];

it('to the summary gets an event only when the summary changes', async () => {
  const summary = 'summary { delivered sent undelivered final }';
  expect(logs(await eventsOf(summary, states)).map((one) => one.summary)).toEqual([
    { delivered: 0, sent: 2, undelivered: 0, final: false },
    { delivered: 1, sent: 1, undelivered: 0, final: false },
    { delivered: 1, sent: 0, undelivered: 1, final: true },
  ]);
});

it('to the summary with its time and other fields of the log gets no event for the time alone', async () => {
  const events = await eventsOf('fetchedAt at: fetchedAt requestId totalRecipients summary { delivered sent }', states);
  expect(logs(events).map((one) => one.summary.sent)).toEqual([2, 1, 0]);
});

it('to a summary with a filter gets an event only when that changes', async () => {
  const events = await eventsOf('summary(filter: { country: ["DE"] }) { delivered }', states);
  expect(logs(events)).toEqual([{ summary: { delivered: 0 } }, { summary: { delivered: 1 } }]);
});

it('to a page, or to filtered messages, gets an event only when these change', async () => {
  const page = 'messagesConnection(first: 1) { nodes { status } }';
  expect(logs(await eventsOf(page, states)).map((one) => one.messagesConnection.nodes)).toEqual([
    [{ status: 'SENT' }],
    [{ status: 'UNDELIVERED' }],
  ]);
  const filtered = 'messages(filter: { status: [DELIVERED] }) { msgId }';
  expect(logs(await eventsOf(filtered, states)).map((one) => one.messages)).toEqual([[], [{ msgId: 'm2' }]]);
});

it('to the whole list gets an event for each change of the log', async () => {
  expect(logs(await eventsOf('messages { msgId }', states))).toHaveLength(states.length);
});

it('gets the error of a page whose message is gone, and the next page again', async () => {
  const cursor = Buffer.from('0:m1').toString('base64url');
  const page = `messagesConnection(after: "${cursor}") { nodes { msgId status } }`;
  const events = await eventsOf(page, [
    [one, two],
    [two],
    [one, { ...two, status: 'delivered' }],
    [
      { ...one, status: 'delivered' },
      { ...two, status: 'delivered' },
    ],
  ]);
  expect(
    events.map(({ data, errors }) => errors?.[0]?.extensions.code ?? data.viberLog.messagesConnection.nodes),
  ).toEqual([[{ msgId: 'm2', status: 'SENT' }], 'BAD_USER_INPUT', [{ msgId: 'm2', status: 'DELIVERED' }]]);
});
