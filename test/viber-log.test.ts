/** The main job: from a query to D7 and back. */
import { describe, expect, it } from 'vitest';
import { http, log, message, openFakeUpstream } from './fake-upstream.ts';
import { oneLog, openHouse, severalLogs } from './house.ts';

const vendorMessage = {
  country: 'AE',
  recipient: '+9715097526xx',
  status: 'SENT',
  rawStatus: 'sent',
  numberOfViberMessage: 1,
  viberCost: 0.0004,
  scheduleTime: null,
};

describe('viberLog', () => {
  it('answers the vendor’s example with exactly the documented data', async () => {
    await using house = await openHouse();
    const requestId = '9d056a09-0fc4-4f68-9058-3846d58aa244';
    const { status, body } = await house.ask(oneLog, { variables: { requestId } });
    expect(status).toBe(200);
    expect(body).toEqual({
      data: {
        viberLog: {
          __typename: 'ViberLog',
          requestId,
          totalRecipients: 2,
          channel: 'sms',
          fetchedAt: expect.stringMatching(/^20\d\d-.+Z$/),
          messages: [
            { requestId, msgId: '7053a678-75fe-11ed-9e31-0242ac14001c', ...vendorMessage },
            { requestId, msgId: '7052cd16-75fe-11ed-9e31-0242ac14001c', ...vendorMessage },
          ],
        },
      },
    });
  });

  it('answers a missing log with NotFound in D7’s own words', async () => {
    await using house = await openHouse();
    const { body } = await house.ask(oneLog, { variables: { requestId: 'ceba9fac-838c-44c7-b67d-03a4a6352058' } });
    expect(body).toEqual({
      data: {
        viberLog: {
          __typename: 'NotFound',
          requestId: 'ceba9fac-838c-44c7-b67d-03a4a6352058',
          code: 'VIBER_MESSAGE_LOG_NOT_EXISTS',
          message: 'Given viber message request id not exists in the system. Please Try Again!',
        },
      },
    });
  });

  it('reaches NotFound through the interface Error, too', async () => {
    await using house = await openHouse();
    const { body } = await house.ask('{ viberLog(requestId: "missing") { ... on Error { code } } }');
    expect(body.data.viberLog).toEqual({ code: 'VIBER_MESSAGE_LOG_NOT_EXISTS' });
  });

  it('answers every message of a log of 10 000 recipients', async () => {
    await using house = await openHouse();
    const { body } = await house.ask(oneLog, { variables: { requestId: 'recipients-10000' } });
    const { totalRecipients, messages } = body.data.viberLog;
    expect(totalRecipients).toBe(10_000);
    expect(new Set(messages.map(({ msgId }: { msgId: string }) => msgId)).size).toBe(10_000);
  });

  it('answers a log without messages with an empty list', async () => {
    await using house = await openHouse();
    const { body } = await house.ask(oneLog, { variables: { requestId: 'recipients-0' } });
    expect(body.data.viberLog.messages).toEqual([]);
  });

  it('sees messages move from SENT to DELIVERED or UNDELIVERED as time passes', async () => {
    let now = 0;
    await using house = await openHouse({ sandbox: { now: () => now } });
    const statuses = async () => {
      const { body } = await house.ask(oneLog, { variables: { requestId: 'moving' } });
      return body.data.viberLog.messages.map(({ status }: { status: string }) => status[0]).join('');
    };
    expect(await statuses()).toBe('SSSSSSSSSS');
    now = 5000;
    expect(await statuses()).toBe('DDDDUSSSSS');
    now = 60_000;
    expect(await statuses()).toBe('DDDDUDDDDU');
  });

  it.each([
    ['unknown-status', [{ status: 'DELIVERED' }, { status: 'UNKNOWN', rawStatus: 'seen' }]],
    [
      'status-spellings',
      [
        { status: 'DELIVERED', rawStatus: 'DELIVERED' },
        { status: 'SENT', rawStatus: 'Sent' },
        { status: 'UNDELIVERED', rawStatus: 'un_delivered' },
        { status: 'UNDELIVERED', rawStatus: 'UN-DELIVERED' },
      ],
    ],
    ['parts-as-sms', [{ numberOfViberMessage: 3 }]],
    ['scheduled', [{ scheduleTime: '2024-02-05T09:48:42.000Z' }]],
    ['scheduled-without-minutes', [{ scheduleTime: '2024-02-05T09:48:42.000Z' }]],
    ['scheduled-unreadably', [{ scheduleTime: null }]],
    ['numbers-as-text', [{ numberOfViberMessage: 2, viberCost: 0.0008 }]],
    ['ids-as-numbers', [{ msgId: '4711', recipient: '971500000000' }]],
    ['id-in-upper-case', [{ requestId: 'id-in-upper-case' }]],
    ['byte-order-mark', [{ status: 'DELIVERED' }]],
    ['no-country', [{ country: null }]],
  ])('reads what D7 may write otherwise: %s', async (requestId, messages) => {
    await using house = await openHouse();
    const { body } = await house.ask(oneLog, { variables: { requestId } });
    expect(body).toMatchObject({ data: { viberLog: { __typename: 'ViberLog', messages } } });
    expect(body.errors).toBeUndefined();
  });

  it.each(['null-values', 'missing-values', 'invalid-values'])(
    'has null for each value it cannot read: %s',
    async (requestId) => {
      await using house = await openHouse();
      const { body } = await house.ask(oneLog, { variables: { requestId } });
      const { messages, ...log } = body.data.viberLog;
      expect(log).toMatchObject({ requestId, totalRecipients: null, channel: null });
      expect(messages).toEqual([
        {
          requestId,
          msgId: '7053a678-75fe-11ed-9e31-000000000000',
          country: null,
          recipient: null,
          status: 'UNKNOWN',
          rawStatus: null,
          numberOfViberMessage: null,
          viberCost: null,
          scheduleTime: null,
        },
      ]);
      expect(body.errors).toBeUndefined();
    },
  );

  // node-fetch/node-fetch#541
  it('skips a byte order mark before D7’s error body, too', async () => {
    await using house = await openHouse();
    const { body } = await house.ask(oneLog, { variables: { requestId: 'missing-byte-order-mark' } });
    expect(body.data.viberLog).toMatchObject({ __typename: 'NotFound', code: 'VIBER_MESSAGE_LOG_NOT_EXISTS' });
  });

  it('reads no value of another message where a message lacks a field', async () => {
    const { country: _, ...withoutCountry } = message;
    // Its names are longer than any layout that is worth its memory, so it leaves the layout of the message before it in use.
    const withLongName = { ['x'.repeat(2000)]: null, ...message };
    const body = log('r1', [withoutCountry, withLongName, withoutCountry]);
    await using fake = await openFakeUpstream(() => http('200 OK', body));
    await using house = await openHouse({ settings: { D7_BASE_URL: fake.url } });
    const { messages } = (await house.ask(oneLog, { variables: { requestId: 'r1' } })).body.data.viberLog;
    expect(messages.map(({ country }: { country: string | null }) => country)).toEqual([null, 'AE', null]);
  });

  it('tells the operator of a schedule time that is no time, and not its value', async () => {
    await using house = await openHouse();
    await house.ask(oneLog, { variables: { requestId: 'scheduled-unreadably' } });
    expect(house.logged.map((line) => JSON.parse(line))).toMatchObject([
      {
        requestId: 'scheduled-unreadably',
        path: 'messages[].schedule_time',
        count: 1,
        msg: 'schema drift: D7 sent an unexpected value',
      },
      { requestId: 'scheduled-unreadably', outcome: 'log' },
      { msg: 'operation', codes: [] },
    ]);
    expect(house.logged.join()).not.toContain('tomorrow');
  });

  it('names the field that was wrong in the operator’s log, and not its value', async () => {
    await using house = await openHouse();
    await house.ask(oneLog, { variables: { requestId: 'wrong-type' } });
    expect(house.logged.map((line) => JSON.parse(line))).toMatchObject([
      {
        requestId: 'wrong-type',
        outcome: 'badResponse',
        reason: 'messages[0].msg_id: expected a string, got a boolean',
      },
      { msg: 'operation', operationName: 'OneLog', codes: ['UPSTREAM_BAD_RESPONSE'] },
    ]);
  });
});

describe('viberLogs', () => {
  it('asks D7 once for each distinct id, and answers in the order asked', async () => {
    await using house = await openHouse();
    const distinct = Array.from({ length: 20 }, (_, index) => `recipients-1-${index}`);
    const requestIds = [...distinct, ...distinct.slice(3, 8)];
    const { body } = await house.ask(severalLogs, { variables: { requestIds } });
    expect(body.data.viberLogs.map(({ requestId }: { requestId: string }) => requestId)).toEqual(requestIds);
    expect(house.sandbox.callCount()).toBe(20);
  });

  it('lets one failing id among twenty-five fail alone', async () => {
    await using house = await openHouse();
    const requestIds = Array.from({ length: 25 }, (_, index) => `recipients-1-${index % 20}`);
    requestIds[7] = 'error-500';
    const { body } = await house.ask(severalLogs, { variables: { requestIds } });
    expect(body.data.viberLogs.map((log: unknown) => log !== null)).toEqual(requestIds.map((_, index) => index !== 7));
    expect(body.errors).toMatchObject([{ path: ['viberLogs', 7], extensions: { code: 'UPSTREAM_UNAVAILABLE' } }]);
    expect(house.sandbox.callCount()).toBe(new Set(requestIds).size);
  });

  it('refuses an unusable id in its place, without asking D7 for it', async () => {
    await using house = await openHouse();
    const { body } = await house.ask(severalLogs, {
      variables: { requestIds: ['recipients-1', '../secrets', 'missing'] },
    });
    expect(body.data.viberLogs).toMatchObject([{ __typename: 'ViberLog' }, null, { __typename: 'NotFound' }]);
    expect(body.errors).toMatchObject([{ path: ['viberLogs', 1], extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(house.sandbox.callCount()).toBe(2);
  });

  it('shares one call between all fields of an operation that ask for the same id', async () => {
    await using house = await openHouse();
    const { body } = await house.ask(`{
      a: viberLog(requestId: "recipients-2") { ... on ViberLog { requestId } }
      b: viberLog(requestId: "  recipients-2 ") { ... on ViberLog { requestId } }
      c: viberLogs(requestIds: ["recipients-2", "recipients-2"]) { ... on ViberLog { requestId } }
    }`);
    const log = { requestId: 'recipients-2' };
    expect(body).toEqual({ data: { a: log, b: log, c: [log, log] } });
    expect(house.sandbox.callCount()).toBe(1);
  });

  it('does not ask D7 at all for more ids than the limit', async () => {
    await using house = await openHouse({ settings: { MAX_REQUEST_IDS: '3' } });
    const { body } = await house.ask(severalLogs, { variables: { requestIds: ['a', 'b', 'c', 'd'] } });
    expect(body.data.viberLogs).toBeNull();
    expect(body.errors).toMatchObject([{ path: ['viberLogs'], extensions: { code: 'BAD_USER_INPUT', limit: 3 } }]);
    expect(house.sandbox.callCount()).toBe(0);
  });

  it('answers the empty list with an empty list', async () => {
    await using house = await openHouse();
    const { body } = await house.ask(severalLogs, { variables: { requestIds: [] } });
    expect(body).toEqual({ data: { viberLogs: [] } });
  });

  it('has no more calls under way at once than the limit', async () => {
    await using house = await openHouse({
      settings: { MAX_CONCURRENT_CALLS_PER_OPERATION: '3', UPSTREAM_ATTEMPT_TIMEOUT_SECONDS: '0.3' },
    });
    const requestIds = ['silent-1', 'silent-2', 'silent-3', 'silent-4', 'silent-5'];
    const answer = house.ask(severalLogs, { variables: { requestIds } });
    // None of the first three is answered before its time is up: what D7 has seen by then is all that was under way.
    await expect.poll(() => house.sandbox.callCount()).toBe(3);
    expect((await answer).body.errors).toHaveLength(5);
    expect(house.sandbox.callCount()).toBe(5);
  });
});
