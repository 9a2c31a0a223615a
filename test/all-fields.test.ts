/** Every field once, with the value that D7's log gives it: on both paths, and of a subscription. */
import { describe, expect, it } from 'vitest';
import { http, log, message, openFakeUpstream } from './fake-upstream.ts';
import { openHouse } from './house.ts';

const messages = [
  { ...message, status: 'delivered', number_of_viber_message: 2, schedule_time: '2024-02-05T09:48:42+0000' },
  { ...message, msg_id: 'm2', recipient: null, status: 'undelivered', viber_cost: null },
  { ...message, msg_id: 'm3', country: 'DE' },
  { ...message, msg_id: 'm4', status: 'seen' },
];

const figures = 'messages delivered sent undelivered unknown deliveryRate parts totalCost messagesWithoutCost';
const fieldsOfMessage =
  'requestId msgId country recipient status rawStatus numberOfViberMessage viberCost scheduleTime';
const selection = `{
  __typename
  ... on ViberLog {
    requestId totalRecipients channel fetchedAt
    summary { ${figures} final progress byCountry { country ${figures} } }
    sent: summary(filter: { status: [SENT] }) { messages }
    messages { ${fieldsOfMessage} }
    german: messages(filter: { country: ["DE"] }) { msgId }
    messagesConnection(first: 1, filter: { country: ["AE"] }) {
      totalCount
      nodes { msgId }
      edges { cursor node { msgId } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
    end: messagesConnection(last: 1) { nodes { msgId } pageInfo { hasNextPage hasPreviousPage } }
  }
  ... on NotFound { requestId code message }
}`;

const requestId = 'a';
const sameInAll = { requestId, country: 'AE', recipient: '+971509752600', numberOfViberMessage: 1, viberCost: 0.0004 };
const cursor = expect.stringMatching(/^.{4,}$/);
const ofGermany = { messages: 1, delivered: 0, sent: 1, undelivered: 0, unknown: 0, deliveryRate: null };
const expected = {
  __typename: 'ViberLog',
  requestId,
  totalRecipients: 4,
  channel: 'viber',
  fetchedAt: expect.stringMatching(/^20\d\d-.+Z$/),
  summary: {
    messages: 4,
    delivered: 1,
    sent: 1,
    undelivered: 1,
    unknown: 1,
    deliveryRate: 0.5,
    parts: 5,
    totalCost: 0.0012,
    messagesWithoutCost: 1,
    final: false,
    progress: 0.5,
    byCountry: [
      {
        country: 'AE',
        messages: 3,
        delivered: 1,
        sent: 0,
        undelivered: 1,
        unknown: 1,
        deliveryRate: 0.5,
        parts: 4,
        totalCost: 0.0008,
        messagesWithoutCost: 1,
      },
      { country: 'DE', ...ofGermany, parts: 1, totalCost: 0.0004, messagesWithoutCost: 0 },
    ],
  },
  sent: { messages: 1 },
  messages: [
    {
      ...sameInAll,
      msgId: 'm1',
      status: 'DELIVERED',
      rawStatus: 'delivered',
      numberOfViberMessage: 2,
      scheduleTime: '2024-02-05T09:48:42.000Z',
    },
    {
      ...sameInAll,
      msgId: 'm2',
      recipient: null,
      status: 'UNDELIVERED',
      rawStatus: 'undelivered',
      viberCost: null,
      scheduleTime: null,
    },
    { ...sameInAll, msgId: 'm3', country: 'DE', status: 'SENT', rawStatus: 'sent', scheduleTime: null },
    { ...sameInAll, msgId: 'm4', status: 'UNKNOWN', rawStatus: 'seen', scheduleTime: null },
  ],
  german: [{ msgId: 'm3' }],
  messagesConnection: {
    totalCount: 3,
    nodes: [{ msgId: 'm1' }],
    edges: [{ cursor, node: { msgId: 'm1' } }],
    pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: cursor, endCursor: cursor },
  },
  end: { nodes: [{ msgId: 'm4' }], pageInfo: { hasNextPage: false, hasPreviousPage: true } },
};
const noSuchLog = { __typename: 'NotFound', requestId: 'missing', code: 'NONE', message: 'No such log.' };

async function openHouseOnLog() {
  const missing = http('404 Not Found', JSON.stringify({ detail: { code: 'NONE', message: 'No such log.' } }));
  const fake = await openFakeUpstream((id) => (id === requestId ? http('200 OK', log(id, messages)) : missing));
  const house = await openHouse({ settings: { D7_BASE_URL: fake.url } });
  const close = async () => {
    await fake[Symbol.asyncDispose]();
    await house[Symbol.asyncDispose]();
  };
  return { house, [Symbol.asyncDispose]: close };
}

describe('every field', () => {
  it.each([
    ['the fast path', 'application/json'],
    ['Yoga', 'application/json, text/html;q=0.1'],
  ])('has its value on %s', async (_path, accept) => {
    await using open = await openHouseOnLog();
    const query = `query ($representations: [_Any!]!) { viberLog(requestId: "${requestId}") ${selection}
      viberLogs(requestIds: ["missing", "${requestId}"]) ${selection}
      _entities(representations: $representations) {
        ... on ViberRequest { id: requestId log ${selection} } ...Log ... on ViberMessage { ${fieldsOfMessage} }
      } }
      fragment Log on _Entity ${selection.replace(/\.\.\. on NotFound .*/, '')}`;
    const variables = {
      representations: [
        { __typename: 'ViberRequest', requestId },
        { __typename: 'ViberLog', requestId },
        { __typename: 'ViberMessage', requestId, msgId: 'm2' },
      ],
    };
    // The second time the fast path has a plan.
    for (let time = 1; time <= 2; time += 1) {
      const { body } = await open.house.ask(query, { variables, headers: { accept } });
      expect(body).toEqual({
        data: {
          viberLog: expected,
          viberLogs: [noSuchLog, expected],
          _entities: [
            { __typename: 'ViberRequest', id: requestId, log: expected },
            expected,
            { __typename: 'ViberMessage', ...expected.messages[1] },
          ],
        },
      });
    }
  });

  it('has its value in a subscription', async () => {
    await using open = await openHouseOnLog();
    const query = `subscription { viberLog(requestId: "${requestId}") ${selection} }`;
    for await (const event of open.house.follow(requestId, { query })) {
      expect(event).toEqual({ data: { viberLog: expected } });
      break;
    }
  });
});
