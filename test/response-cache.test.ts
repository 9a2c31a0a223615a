/** A cached response is valid only as long as a read of each of its logs would give the same result. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ReadResult } from '../src/d7/read-result.ts';
import { createResponseCache, type ResponseCache } from '../src/graphql/fast-path/response-cache.ts';
import type { CallerReads } from '../src/viber-log/shared-reads.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function resultAt(fetchedMs: number): ReadResult {
  const noSuchLog = { requestId: 'r', code: 'C', message: 'M' };
  return { kind: 'noSuchLog', noSuchLog, fetchedAt: new Date(fetchedMs), bodyBytes: 10 };
}

/** The cache of results of one caller, as a Map that a test changes. */
function readsOf(
  callerKey: string,
  results: ReadonlyMap<string, ReadResult>,
  countCached: CallerReads['countCached'] = () => {},
): CallerReads {
  const read = () => Promise.reject(new Error('No read.'));
  return { callerKey, cachedResult: (id) => results.get(id), countCached, read };
}

function open(maxBytes = 100_000) {
  const cache = createResponseCache({ maxBytes, ttlMs: 1000 }) as ResponseCache;
  const results = new Map([
    ['a', resultAt(10)],
    ['b', resultAt(10)],
  ]);
  return { cache, results, reads: readsOf('anna', results) };
}

const body = Buffer.from('{"data":{}}');

describe('a response', () => {
  it('is found by the same key of the same caller only', () => {
    const { cache, results, reads } = open();
    cache.put('query', reads, body, results, 11);
    expect(cache.find('query', reads)?.body).toBe(body);
    expect(cache.find('other', reads)).toBeUndefined();
    expect(cache.find('query', readsOf('bert', results))).toBeUndefined();
  });

  it('counts its results by their kind, each time that it is found', () => {
    const { cache, results } = open();
    const counted: unknown[] = [];
    const reads = readsOf('anna', results, (kinds) => counted.push(kinds));
    cache.put('query', reads, body, results, 11);
    expect(counted).toEqual([]);
    cache.find('query', reads);
    cache.find('other', reads);
    expect(counted).toEqual([{ final: 0, live: 0, missing: 2 }]);
  });

  it.each<[string, (results: Map<string, ReadResult>) => void]>([
    ['replaced', (results) => results.set('b', resultAt(10))],
    ['no longer cached', (results) => results.delete('b')],
  ])('is dropped for good where one of its results is %s', (_what, change) => {
    const { cache, results, reads } = open();
    const before = new Map(results);
    cache.put('query', reads, body, before, 11);
    change(results);
    expect(cache.find('query', reads)).toBeUndefined();
    expect(cache.find('query', readsOf('anna', before))).toBeUndefined();
  });

  it.each([
    ['one of its results is as old as the query', 10, undefined],
    ['one of its results is newer than the query', 9, undefined],
    ['all of its results are older than the query', 11, body],
  ])('where %s', (_what, askedMs, found) => {
    const { cache, results, reads } = open();
    results.set('a', resultAt(1));
    cache.put('query', reads, body, results, askedMs);
    expect(cache.find('query', reads)?.body).toBe(found);
  });

  it('is not cached without a result, or with one that is not cached', () => {
    const { cache, results, reads } = open();
    cache.put('none', reads, body, new Map(), 11);
    cache.put('other', reads, body, new Map([...results, ['c', resultAt(10)]]), 11);
    expect([cache.find('none', reads), cache.find('other', reads)]).toEqual([undefined, undefined]);
  });

  it('is not cached where a result was replaced before it was put', () => {
    const { cache, results, reads } = open();
    const stale = new Map([['a', resultAt(10)]]);
    cache.put('query', reads, body, stale, 11);
    expect(cache.find('query', readsOf('anna', stale))).toBeUndefined();
    cache.put('query', reads, body, results, 11);
    expect(cache.find('query', reads)?.body).toBe(body);
  });

  it('is not older than any result may be', () => {
    const { cache, results, reads } = open();
    cache.put('query', reads, body, results, 11);
    vi.advanceTimersByTime(999);
    expect(cache.find('query', reads)?.body).toBe(body);
    vi.advanceTimersByTime(1);
    expect(cache.find('query', reads)).toBeUndefined();
  });

  it.each([
    [0, body],
    [1, undefined],
  ])('takes its bytes, those of its key and 128 for each result (%i too few)', (missing, found) => {
    const { cache, results, reads } = open(body.length + 2 * 128 + 'query'.length + 512 + 512 - missing);
    cache.put('query', reads, body, results, 11);
    expect(cache.find('query', reads)?.body).toBe(found);
  });
});

it('without bytes there is no cache of responses', () => {
  expect(createResponseCache({ maxBytes: 0, ttlMs: 1000 })).toBeNull();
});
