/** The pure parts of the delivery board: exact sums, CSV, its address, and what it concludes from a course of figures. */
import Big from 'big.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idsIn, readAddress, writeAddress } from '../src/board/address.ts';
import { longestWaiting, type Sample, withSample } from '../src/board/course.ts';
import { csvHead, csvLines } from '../src/board/csv.ts';
import { decimalSum, decimalText } from '../src/board/decimal.ts';
import { type LogData, takenBack } from '../src/board/figures.ts';
import { duration, masked, money, percent } from '../src/board/format.ts';
import { endedState, hasMovedSince, openingState, withEvent } from '../src/board/log-state.ts';
import type { Row } from '../src/board/rows.ts';
import { readCsv } from './board/csv-reader.ts';

const cost = fc.oneof(
  fc.double({ min: 0, max: 1e9, noNaN: true }),
  fc.integer({ min: 0, max: 1e6 }).map((n) => n / 1e4),
);

describe('costs', () => {
  it('are written without an exponent, and exactly', () => {
    const property = fc.property(cost, (value) => {
      expect(new Big(decimalText(value)).eq(new Big(String(value)))).toBe(true);
      expect(decimalText(value)).not.toContain('e');
    });
    fc.assert(property);
    expect([1e-7, 0.0004, 12, 1e21].map(decimalText)).toEqual(['0.0000001', '0.0004', '12', '1000000000000000000000']);
  });

  it('are summed exactly', () => {
    const sum = (values: number[]) => values.reduce((total, value) => total.plus(String(value)), new Big(0));
    const property = fc.property(fc.array(cost), (values) => {
      expect(decimalSum(values)).toBe(sum(values).toFixed());
    });
    fc.assert(property);
  });

  it('are grouped for people, and not rounded', () => {
    expect(['1234567.0004', '0.1', '100'].map(money)).toEqual(['1,234,567.0004', '0.1', '100']);
  });
});

it('A rate is rounded down: only what is whole is 100 %', () => {
  expect([null, 0, 0.5, 0.99999, 1].map(percent)).toEqual(['–', '0.0 %', '50.0 %', '99.9 %', '100.0 %']);
});

it('A duration has at most two units', () => {
  expect([-5, 59_999, 60_000, 200_000, 3_900_000].map(duration)).toEqual([
    '0 s',
    '59 s',
    '1 min',
    '3 min 20 s',
    '1 h 5 min',
  ]);
});

it('A masked number shows the country, and nothing of the person', () => {
  expect(['+971509752600', '+12345', ''].map(masked)).toEqual(['+97150•••••••', '••••••', '••••••']);
});

const row: Row = {
  msgId: 'm1',
  country: 'AE',
  recipient: null,
  status: 'SENT',
  rawStatus: 'sent',
  numberOfViberMessage: 1,
  viberCost: 1e-7,
  scheduleTime: null,
};

describe('CSV', () => {
  it('has a head, exact costs, and nothing for null', () => {
    expect(readCsv(`${csvHead}${csvLines([row])}`)).toEqual([
      ['\uFEFFmessage_id', 'country', 'recipient', 'status', 'status_of_d7', 'parts', 'cost', 'scheduled'],
      ['m1', 'AE', '', 'SENT', 'sent', '1', '0.0000001', ''],
    ]);
  });

  it.each(['=1+1', '+971', '-2', '@a', '\t=1', '\r=1', ' =1', '＝1', '\n=1'])(
    'A text of D7 begins as a formula: %j',
    (text) => {
      expect(readCsv(csvLines([{ ...row, rawStatus: text }]))[0]?.[4]).toBe(`'${text}`);
    },
  );

  it('can be read again, whatever D7 sends', () => {
    const text = fc.string({ unit: fc.constantFrom(...'a =+-@\t\r\n",\'＝é😀') });
    const property = fc.property(text, text, (country, rawStatus) => {
      const [cells = []] = readCsv(csvLines([{ ...row, country, rawStatus }]));
      expect(cells).toHaveLength(8);
      const unguarded = (cell: string, original: string) => (cell === original ? original : cell.replace(/^'/, ''));
      expect([unguarded(cells[1] ?? '', country), unguarded(cells[4] ?? '', rawStatus)]).toEqual([country, rawStatus]);
    });
    fc.assert(property);
  });
});

describe('the address', () => {
  it('keeps the whole view, and reads it again', () => {
    const address = {
      ids: ['a', 'b-2'],
      gateway: 'https://g.example.com/graphql',
      open: 'a',
      filter: { status: ['SENT', 'UNKNOWN'] as const, country: ['AE'], recipient: '+9715', msgId: 'm 1' },
      place: { after: 'MDo3==' },
    };
    expect(readAddress(writeAddress(address))).toEqual(address);
    expect(writeAddress({ ...address, open: null })).toBe('#ids=a,b-2&gateway=https://g.example.com/graphql');
  });

  it('takes ids as people paste them', () => {
    expect(idsIn(' a, b;\n\nc\ta ')).toEqual(['a', 'b', 'c']);
  });
});

function logOf(countries: Record<string, [delivered: number, sent: number, undelivered?: number]>): LogData {
  const byCountry = Object.entries(countries).map(([country, [delivered, sent, undelivered = 0]]) => ({
    ...{ country, delivered, sent, undelivered, unknown: 0, deliveryRate: null, totalCost: 0 },
    messages: delivered + sent + undelivered,
  }));
  const sum = (name: 'delivered' | 'sent' | 'undelivered' | 'messages') =>
    byCountry.reduce((total, one) => total + one[name], 0);
  const counts = { delivered: sum('delivered'), sent: sum('sent'), undelivered: sum('undelivered'), unknown: 0 };
  return {
    __typename: 'ViberLog',
    totalRecipients: sum('messages'),
    fetchedAt: '2026-01-01T00:00:00.000Z',
    summary: {
      ...{ ...counts, messages: sum('messages'), final: counts.sent === 0, deliveryRate: null },
      ...{ parts: 0, totalCost: 0, messagesWithoutCost: 0, byCountry },
    },
  };
}

describe('statuses that went back', () => {
  it.each([
    ['more is delivered', { AE: [3, 1] }, { AE: [4, 0] }, 0, []],
    ['one is sent again', { AE: [3, 1] }, { AE: [2, 2] }, 1, ['AE']],
    [
      'a receipt elsewhere hides the loss in the total',
      { AE: [3, 1], DE: [0, 4] },
      { AE: [2, 2], DE: [2, 2] },
      1,
      ['AE'],
    ],
    ['a country is gone', { AE: [3, 1], DE: [2, 0, 1] }, { AE: [3, 1] }, 3, ['DE']],
    ['delivered becomes undelivered', { AE: [3, 1] }, { AE: [2, 1, 1] }, 1, ['AE']],
  ] as const)('%s', (_case, before, after, messages, countries) => {
    const mutable = (value: object) => value as Parameters<typeof logOf>[0];
    expect(takenBack(logOf(mutable(before)), logOf(mutable(after)))).toEqual({ messages, countries });
  });

  it('D7 takes back a status: it stays in the state when the figures are well again', () => {
    const events = [logOf({ AE: [3, 1] }), logOf({ AE: [2, 2] }), logOf({ AE: [4, 0] })];
    const state = events.reduce((last, event, index) => withEvent(last, event, index * 1000), openingState('a', 0));
    expect(state).toMatchObject({ phase: 'complete', regressions: [{ at: 1000, messages: 1, countries: ['AE'] }] });
  });
});

describe('how long messages have been sent', () => {
  const sample = (at: number, delivered: number, sent: number): Sample => ({
    at,
    delivered,
    sent,
    undelivered: 0,
    unknown: 0,
  });

  it.each([
    ['all since the first sample', [sample(0, 0, 5), sample(9, 0, 5)], { messages: 5, since: 0 }],
    ['those that are left', [sample(0, 0, 5), sample(9, 3, 2)], { messages: 2, since: 0 }],
    [
      'new ones may have come for those that went',
      [sample(0, 0, 5), sample(5, 0, 9), sample(9, 6, 3)],
      { messages: 3, since: 5 },
    ],
    ['only the newest', [sample(0, 0, 5), sample(9, 5, 4)], { messages: 4, since: 9 }],
    ['none', [sample(0, 0, 5), sample(9, 5, 0)], null],
  ])('%s', (_case, course, expected) => {
    expect(longestWaiting(course, 0)).toEqual(expected);
  });

  it('is never more than it can be known, for any course', () => {
    // Each message is sent at one time and final at a later one, or never.
    const messages = fc.array(fc.tuple(fc.nat(20), fc.option(fc.integer({ min: 1, max: 20 }))), { minLength: 1 });
    const property = fc.property(messages, (all) => {
      const at = (time: number) =>
        all.map(([from, after]) => (time < from ? 'none' : after !== null && time >= from + after ? 'final' : 'sent'));
      const course = Array.from({ length: 21 }, (_, time) => {
        const states = at(time);
        return sample(
          time,
          states.filter((one) => one === 'final').length,
          states.filter((one) => one === 'sent').length,
        );
      });
      const found = longestWaiting(course, 0);
      const since = (time: number) =>
        all.filter((_, index) => at(20)[index] === 'sent' && at(time)[index] === 'sent').length;
      if (found) expect(found.messages).toBeLessThanOrEqual(since(found.since));
    });
    fc.assert(property);
  });

  it('needs few samples, and keeps the first and the last', () => {
    const figures = (delivered: number) => ({
      ...sample(0, delivered, 1),
      expected: 1,
      listed: 1,
      deliveryRate: null,
      parts: 0,
      cost: '0',
      withoutCost: 0,
    });
    const course = Array.from({ length: 5000 }).reduce<readonly Sample[]>(
      (all, _, at) => withSample(all, figures(at), at),
      [],
    );
    expect(course.length).toBeLessThanOrEqual(240);
    expect([course[0]?.at, course.at(-1)?.at]).toEqual([0, 4999]);
  });
});

it('A stream that ends is given up, not followed, or complete', () => {
  const live = withEvent(openingState('a', 0), logOf({ AE: [1, 1] }), 1);
  const looking = withEvent(openingState('a', 0), { __typename: 'NotFound' }, 1);
  const complete = withEvent(live, logOf({ AE: [2, 0] }), 2);
  expect([live, looking, complete].map((state) => endedState(state, 9).phase)).toEqual([
    'ended',
    'missing',
    'complete',
  ]);
});

describe('a log has moved', () => {
  const first = withEvent(openingState('a', 0), logOf({ AE: [0, 99], DE: [1, 0] }), 1000);

  it.each([
    ['its first figures', logOf({ AE: [0, 99], DE: [1, 0] }), false],
    ['a receipt', logOf({ AE: [1, 98], DE: [1, 0] }), true],
    ['a status that went back while another one came', logOf({ AE: [1, 98], DE: [0, 1] }), true],
    ['no log any more', { __typename: 'NotFound' }, true],
  ] as const)('%s', (_case, event, expected) => {
    const state = withEvent(first, event, 2000);
    expect([2000, 2001].map((at) => hasMovedSince(state, at))).toEqual([expected, false]);
  });

  it('after more changes than are remembered', () => {
    const changes = Array.from({ length: 50 }, (_, index) => logOf({ AE: [index + 1, 98 - index], DE: [1, 0] }));
    const moved = changes.reduce((state, event, index) => withEvent(state, event, 2000 + index), first);
    expect([2049, 2050].map((at) => hasMovedSince(moved, at))).toEqual([true, false]);
  });
});
