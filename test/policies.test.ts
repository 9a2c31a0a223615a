/** The pure policies of what is kept and how a log is followed, as tables. */
import { describe, expect, it } from 'vitest';
import { decodeViberLog } from '../src/d7/log/decoder.ts';
import type { ViberLog } from '../src/d7/log/log-scanner.ts';
import type { ReadResult } from '../src/d7/read-result.ts';
import { isFinal, isFresh, timeToLiveMs } from '../src/viber-log/freshness.ts';
import { createMemoryCache } from '../src/viber-log/memory-cache.ts';
import { isPermanent, jitteredMs, maxPauseMs, nextIntervalMs } from '../src/viber-log/poll-interval.ts';
import { message } from './fake-upstream.ts';

type Status = 'DELIVERED' | 'SENT' | 'UNDELIVERED' | 'UNKNOWN';

function logOf(totalRecipients: number | null, statuses: readonly Status[]): ViberLog {
  const messages = statuses.map((status) => ({ ...message, status: status.toLowerCase() }));
  const body = JSON.stringify({ request_id: 'r', total_recipients: totalRecipients, channel: 'viber', messages });
  return decodeViberLog(Buffer.from(body), 'r', () => {});
}

const fetchedAt = new Date('2026-01-01T00:00:00Z');
const resultOf = (log: ViberLog): ReadResult => ({ kind: 'log', log, fetchedAt, bodyBytes: 100 });
const missing: ReadResult = {
  kind: 'noSuchLog',
  noSuchLog: { requestId: 'r', code: 'C', message: 'M' },
  fetchedAt,
  bodyBytes: 10,
};
const timesToLive = { finalMs: 60_000, liveMs: 1000, notFoundMs: 2000 };

describe('a log is final', () => {
  it.each<[boolean, string, number | null, Status[]]>([
    [true, 'when its only message is delivered', 1, ['DELIVERED']],
    [true, 'when its only message is undelivered', 1, ['UNDELIVERED']],
    [true, 'when each message is one or the other', 2, ['DELIVERED', 'UNDELIVERED']],
    [true, 'when there are more messages than recipients', 1, ['DELIVERED', 'DELIVERED']],
    [false, 'not while one is sent', 2, ['DELIVERED', 'SENT']],
    [false, 'not while one has a status that nobody knows', 2, ['DELIVERED', 'UNKNOWN']],
    [false, 'not while there are fewer messages than recipients', 3, ['DELIVERED', 'DELIVERED']],
    [false, 'not without a single message', 0, []],
    [false, 'not without a known number of recipients', null, ['DELIVERED']],
  ])('%s: %s', (final, _when, recipients, statuses) => {
    expect(isFinal(logOf(recipients, statuses))).toBe(final);
  });
});

describe('a result is cached', () => {
  it.each<[string, ReadResult, number]>([
    ['a final log', resultOf(logOf(1, ['DELIVERED'])), 60_000],
    ['a log that can change', resultOf(logOf(1, ['SENT'])), 1000],
    ['a missing log', missing, 2000],
  ])('%s, for %3$i ms', (_what, result, expected) => {
    expect(timeToLiveMs(result, timesToLive)).toBe(expected);
  });

  it.each([
    [-1, false],
    [0, true],
    [999, true],
    [1000, false],
  ])('and is fresh at an age of %i ms: %s', (ageMs, fresh) => {
    expect(isFresh(resultOf(logOf(1, ['SENT'])), timesToLive, fetchedAt.getTime() + ageMs)).toBe(fresh);
  });

  it('and is never fresh with a time to live of 0', () => {
    expect(isFresh(missing, { ...timesToLive, notFoundMs: 0 }, fetchedAt.getTime())).toBe(false);
  });
});

describe('a caller who was refused', () => {
  it('does not find what was kept before, however many are refused after them', () => {
    const cache = createMemoryCache(1_000_000);
    const read = cache.beginRead('anna', 'r');
    read.put(missing, 60_000);
    expect(cache.get('anna', 'r')).toBe(missing);
    cache.invalidate('anna');
    for (let index = 0; index < 20_000; index += 1) cache.invalidate(`caller-${index}`);
    expect(cache.get('anna', 'r')).toBeUndefined();
    read.put(missing, 60_000);
    expect(cache.get('anna', 'r')).toBeUndefined();
  });
});

describe('a log that is followed', () => {
  const intervals = { minMs: 1000, maxMs: 30_000 };

  it.each([
    [1000, true, 1000],
    [1000, false, 1500],
    [20_000, false, 30_000],
    [30_000, false, 30_000],
    [30_000, true, 1000],
  ])('is looked at every %i ms, and after a look that found a change (%s) every %i', (before, moved, after) => {
    expect(nextIntervalMs(before, moved, intervals)).toBe(after);
  });

  it.each([
    [0, 1000],
    [0.5, 1100],
    [1, 1200],
  ])('with chance at %d waits %i ms for 1000, and never less', (random, expected) => {
    expect(jitteredMs(1000, random)).toBe(expected);
  });

  it('is looked at again within a bound', () => {
    expect(maxPauseMs(intervals)).toBe(36_000);
  });

  it.each([
    ['tokenRefused', true],
    ['forbidden', true],
    ['insufficientCredit', true],
    ['requestRefused', true],
    ['tooManySubscriptions', true],
    ['cancelled', true],
    ['rateLimited', false],
    ['timeout', false],
    ['outOfTime', false],
    ['unavailable', false],
    ['badResponse', false],
    ['overloaded', false],
  ] as const)('is given up at %s: %s', (kind, lasting) => {
    expect(isPermanent(kind)).toBe(lasting);
  });
});
