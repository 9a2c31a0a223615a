/** Summaries, filters and pages of a log: equal to those of an oracle, on both paths, whatever D7 lists and while it changes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { http, openFakeUpstream } from './fake-upstream.ts';
import { type House, openHouse } from './house.ts';
import { filtered, type OracleFilter, type OracleMessage, paged, summarized } from './log-oracle.ts';

const fastPath = { accept: 'application/json' };
const throughYoga = { accept: 'application/json, text/html;q=0.1' };

type D7Message = Record<string, unknown>;

const costs = fc.oneof(
  fc.constantFrom(
    0.0001,
    0.0004,
    0.1,
    0.2,
    1,
    123.456789,
    0.00000012,
    1e-9,
    1e21,
    99999999.5,
    0,
    -0.5,
    '0.0003',
    null,
    'x',
  ),
  fc.double({ min: 0, max: 10, noNaN: true }),
);
const d7Message: fc.Arbitrary<D7Message> = fc.record({
  msg_id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'é', '"', '', 'f', 'g', 'h'),
  country: fc.constantFrom('AE', 'DE', 'A\\', 'é', '', 'GBR', null),
  recipient: fc.constantFrom('+971509752600', '+49150', '49', null, 'é"'),
  status: fc.constantFrom('delivered', 'sent', 'undelivered', 'Un-Delivered', 'queued', null),
  number_of_viber_message: fc.constantFrom(1, 2, 3, null, '4', 2147483647),
  viber_cost: costs,
});
const d7Log = fc.record({
  total: fc.constantFrom(0, 1, 5, 30, null),
  messages: fc.array(d7Message, { maxLength: 25 }),
});

const filter: fc.Arbitrary<OracleFilter> = fc.option(
  fc.record(
    {
      status: fc.option(fc.subarray(['DELIVERED', 'SENT', 'UNDELIVERED', 'UNKNOWN'])),
      country: fc.option(fc.subarray(['AE', 'DE', 'A\\', 'é', '', 'XX'])),
      msgId: fc.option(fc.subarray(['a', 'b', 'é', '"', '', 'x'])),
      recipientContains: fc.option(fc.constantFrom('', '49', '+971', 'é"', '0000')),
    },
    { requiredKeys: [] },
  ),
);

const figures = 'messages delivered sent undelivered unknown deliveryRate parts totalCost messagesWithoutCost';
const row = 'msgId country recipient status numberOfViberMessage viberCost';
const pageFields = `totalCount nodes { ${row} } edges { cursor node { ${row} } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }`;

/** D7 serves what `bodies` holds when it is asked. */
async function openHouseOn(bodies: Map<string, string>, settings: Record<string, string> = {}) {
  const fake = await openFakeUpstream((requestId) => http('200 OK', bodies.get(requestId) ?? '{}'));
  const house = await openHouse({ settings: { D7_BASE_URL: fake.url, ...settings } });
  return {
    fake,
    house,
    async [Symbol.asyncDispose]() {
      await fake[Symbol.asyncDispose]();
      await house[Symbol.asyncDispose]();
    },
  };
}

function bodyOf(requestId: string, total: number | null, messages: readonly D7Message[]): string {
  return JSON.stringify({ request_id: requestId, total_recipients: total, channel: 'viber', messages });
}

async function viberLogOf(house: House, selection: string, variables: Record<string, unknown>, headers = fastPath) {
  const query = `query ($id: ID!, $filter: ViberMessageFilter, $first: Int, $after: String, $last: Int, $before: String) {
    viberLog(requestId: $id) { ... on ViberLog { ${selection} } } }`;
  const used = query.replace(/, \$(\w+): \w+/g, (all, name) => (selection.includes(`$${name}`) ? all : ''));
  const { body } = await house.ask(used, { variables, headers });
  return body.errors ? { code: body.errors[0].extensions.code, path: body.errors[0].path } : body.data.viberLog;
}

const pageOf = 'messagesConnection(first: $first, after: $after, last: $last, before: $before, filter: $filter)';

describe('the summary and the filtered messages', () => {
  it('are those of the oracle, on both paths', async () => {
    const bodies = new Map<string, string>();
    await using open = await openHouseOn(bodies);
    await fc.assert(
      fc.asyncProperty(d7Log, filter, async ({ total, messages }, filter) => {
        bodies.set('a', bodyOf('a', total, messages));
        const selection = `totalRecipients all: messages { ${row} } messages(filter: $filter) { ${row} }
          summary(filter: $filter) { ${figures} final progress byCountry { country ${figures} } }`;
        const answer = await viberLogOf(open.house, selection, { id: 'a', filter });
        expect(await viberLogOf(open.house, selection, { id: 'a', filter }, throughYoga)).toEqual(answer);
        const log = { totalRecipients: answer.totalRecipients, messages: answer.all as OracleMessage[] };
        expect(answer.summary).toEqual(summarized(log, filter));
        expect(answer.messages).toEqual(filtered(log.messages, filter));
      }),
      { numRuns: 150 },
    );
  });

  it('ten times 0.0001 is 0.001, and no cost is lost in a sum of large and small ones', async () => {
    const bodies = new Map<string, string>();
    await using open = await openHouseOn(bodies);
    const total = async (costs: readonly unknown[]) => {
      const messages = costs.map((viber_cost, index) => ({ msg_id: `m${index}`, status: 'sent', viber_cost }));
      bodies.set('a', bodyOf('a', costs.length, messages));
      return (await viberLogOf(open.house, 'summary { totalCost }', { id: 'a' })).summary.totalCost;
    };
    expect(await total(Array(10).fill(0.0001))).toBe(0.001);
    expect(await total([0.1, 0.2])).toBe(0.3);
    expect(await total([1e21, 1, -1e21])).toBe(1);
    expect(await total([1.5e308, 1.5e308])).toBe(Number.MAX_VALUE);
    expect(await total([5e-324, 5e-324])).toBe(1e-323);
    expect(await total(Array(1000).fill(999999999))).toBe(999999999000);
  });
});

describe('the connection', () => {
  it('answers any page as the oracle does, on both paths', async () => {
    const bodies = new Map<string, string>();
    await using open = await openHouseOn(bodies);
    const size = fc.option(fc.integer({ min: -1, max: 7 }));
    // A position, or a cursor that no message has.
    const position = fc.option(fc.integer({ min: -1, max: 30 }));
    await fc.assert(
      fc.asyncProperty(
        d7Log,
        filter,
        size,
        size,
        position,
        position,
        async (log, filter, first, last, after, before) => {
          bodies.set('a', bodyOf('a', log.total, log.messages));
          const all = (await viberLogOf(open.house, `messages { ${row} }`, { id: 'a' })).messages as OracleMessage[];
          const cursors = paged(all, { first: 500 }).edges.map(({ cursor }) => cursor);
          const cursor = (at: number | null) => (at === null ? null : (cursors[at] ?? 'bm9uZQ'));
          const page = { first, last, after: cursor(after), before: cursor(before), filter };
          const answer = await viberLogOf(open.house, `${pageOf} { ${pageFields} }`, { id: 'a', ...page });
          expect(
            await viberLogOf(open.house, `${pageOf} { ${pageFields} }`, { id: 'a', ...page }, throughYoga),
          ).toEqual(answer);
          let expected: unknown;
          try {
            expected = { messagesConnection: paged(all, page) };
          } catch {
            expected = { code: 'BAD_USER_INPUT', path: ['viberLog', 'messagesConnection'] };
          }
          expect(answer).toEqual(expected);
        },
      ),
      { numRuns: 150 },
    );
  });

  it.each(['forwards', 'backwards'])(
    'walked %s to the end yields each message once, also while D7 adds messages and changes others',
    async (direction) => {
      const bodies = new Map<string, string>();
      await using open = await openHouseOn(bodies);
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 20 }), async (size, count) => {
          const messages: D7Message[] = [];
          const add = (status: string) => messages.push({ msg_id: `m${messages.length}`, status, viber_cost: 0.1 });
          for (let index = 0; index < count; index += 1) add('sent');
          const seen: string[] = [];
          let cursor: string | null = null;
          for (let pages = 0; pages < 40; pages += 1) {
            bodies.set('a', bodyOf('a', 100, messages));
            const page = direction === 'forwards' ? { first: size, after: cursor } : { last: size, before: cursor };
            const { messagesConnection } = await viberLogOf(open.house, `${pageOf} { ${pageFields} }`, {
              id: 'a',
              ...page,
            });
            const { nodes, pageInfo } = messagesConnection;
            seen.push(...nodes.map(({ msgId }: OracleMessage) => msgId));
            cursor = direction === 'forwards' ? pageInfo.endCursor : pageInfo.startCursor;
            if (!(direction === 'forwards' ? pageInfo.hasNextPage : pageInfo.hasPreviousPage)) break;
            // Between two pages: a status changes, and a message is added at the far end.
            const changed = messages[pages % Math.max(messages.length, 1)];
            if (changed) changed.status = 'delivered';
            if (direction === 'forwards' && messages.length < 25) add('sent');
          }
          expect(seen.toSorted()).toEqual([...new Set(seen)].sort());
          expect(seen.toSorted()).toEqual(messages.map(({ msg_id }) => msg_id as string).sort());
        }),
        { numRuns: 25 },
      );
    },
  );

  it('goes on after a message that no longer matches the filter', async () => {
    const bodies = new Map<string, string>();
    await using open = await openHouseOn(bodies);
    const statuses = ['sent', 'sent', 'sent'];
    const set = () =>
      bodies.set(
        'a',
        bodyOf(
          'a',
          3,
          statuses.map((status, index) => ({ msg_id: `m${index}`, status })),
        ),
      );
    const sent = (after: string | null) =>
      viberLogOf(open.house, `${pageOf} { ${pageFields} }`, { id: 'a', first: 1, after, filter: { status: ['SENT'] } });
    set();
    const { messagesConnection: first } = await sent(null);
    statuses[0] = 'delivered';
    set();
    const { messagesConnection: second } = await sent(first.pageInfo.endCursor);
    expect(second.nodes.map(({ msgId }: OracleMessage) => msgId)).toEqual(['m1']);
  });

  it('of a log whose message is gone refuses its cursor', async () => {
    const bodies = new Map([['a', bodyOf('a', 1, [{ msg_id: 'm1', status: 'sent' }])]]);
    await using open = await openHouseOn(bodies);
    const { messagesConnection } = await viberLogOf(open.house, `${pageOf} { ${pageFields} }`, { id: 'a' });
    bodies.set('a', bodyOf('a', 1, [{ msg_id: 'm2', status: 'sent' }]));
    const after = messagesConnection.pageInfo.endCursor;
    for (const headers of [fastPath, throughYoga]) {
      expect(await viberLogOf(open.house, `${pageOf} { totalCount }`, { id: 'a', after }, headers)).toEqual({
        code: 'BAD_USER_INPUT',
        path: ['viberLog', 'messagesConnection'],
      });
    }
  });

  it.each([
    [{}, 50],
    [{ first: 500 }, 120],
    [{ last: 500 }, 120],
    [{ first: 0 }, 0],
    [{ first: 501 }, null],
    [{ last: 501 }, null],
    [{ first: -1 }, null],
    [{ last: -2147483648 }, null],
  ])('of the page %j has %j messages', async (page, count) => {
    await using house = await openHouse();
    for (const headers of [fastPath, throughYoga]) {
      const answer = await viberLogOf(
        house,
        `${pageOf} { nodes { msgId } }`,
        { id: 'recipients-120', ...page },
        headers,
      );
      expect(answer.messagesConnection?.nodes.length ?? null).toBe(count);
      if (count === null) expect(answer.code).toBe('BAD_USER_INPUT');
    }
  });
});

describe('a large log', () => {
  it('has a summary, pages and filtered messages that are computed in slices', async () => {
    await using house = await openHouse({ settings: { CACHE_FINAL_TTL_SECONDS: '60' } });
    const selection = `summary { ${figures} byCountry { country messages } } few: messages(filter: { recipientContains: "99" }) { msgId }
      messagesConnection(last: 3) { totalCount nodes { msgId } }`;
    const [fast, yoga] = await Promise.all(
      [fastPath, throughYoga].map((headers) => viberLogOf(house, selection, { id: 'recipients-10000' }, headers)),
    );
    expect(fast).toEqual(yoga);
    expect(fast.summary.messages).toBe(10_000);
    expect(fast.messagesConnection.totalCount).toBe(10_000);
    const whole = await viberLogOf(house, `messages { ${row} }`, { id: 'recipients-10000' });
    const few = filtered(whole.messages as OracleMessage[], { recipientContains: '99' });
    expect(fast.few).toEqual(few.map(({ msgId }) => ({ msgId })));
    expect(fast.summary.totalCost).toBe(summarized({ totalRecipients: null, messages: whole.messages }).totalCost);
  });

  it('is refused where one operation would visit more rows than it may', async () => {
    await using house = await openHouse({ settings: { MAX_COMPUTED_ROWS_PER_OPERATION: '20' } });
    for (const headers of [fastPath, throughYoga]) {
      const one = await viberLogOf(house, 'summary { messages }', { id: 'recipients-20' }, headers);
      expect(one).toEqual({ summary: { messages: 20 } });
      const two = 'a: summary(filter: {status: [SENT]}) { messages } b: summary { messages }';
      expect(await viberLogOf(house, two, { id: 'recipients-20' }, headers)).toEqual({
        code: 'MAX_COMPUTED_ROWS_LIMIT',
        path: ['viberLog', 'b'],
      });
      // A list alone visits no row beforehand.
      const list = await viberLogOf(house, 'messages { msgId }', { id: 'recipients-100' }, headers);
      expect(list.messages).toHaveLength(100);
    }
  });
});
