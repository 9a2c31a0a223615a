/** The cache with a partition for each caller: its limit, its order of eviction, its times to live, and what an invalidation drops. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { decodeViberLog } from '../src/d7/log/decoder.ts';
import type { ReadResult } from '../src/d7/read-result.ts';
import { CallerCache } from '../src/viber-log/caller-cache.ts';
import { createMemoryCache } from '../src/viber-log/memory-cache.ts';
import { SizeClasses } from '../src/viber-log/size-classes.ts';
import { log } from './fake-upstream.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a cache with a partition for each caller', () => {
  const maxBytes = 20_000;
  const overhead = 512;
  const cacheOf = () => new CallerCache<{ bytes: number }>(maxBytes, ({ bytes }) => bytes);
  const put = (cache: ReturnType<typeof cacheOf>, caller: string, key: string, bytes: number) => {
    const value = { bytes };
    cache.put(caller, key, value, 60_000);
    return value;
  };

  it('loses nothing of a caller below an equal share, whatever the others put', () => {
    const step = fc.record({ caller: fc.nat(3), key: fc.nat(30), bytes: fc.nat(6000) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const cache = cacheOf();
        // A fifth of the cache, less the tenth by which sizes of one class differ.
        const values = [1000, 1000].map((bytes, index) => put(cache, 'quiet', `q-${index}`, bytes));
        expect(2 * (1000 + 3 + overhead) + overhead).toBeLessThan((maxBytes / 5) * 0.9);
        for (const { caller, key, bytes } of steps) put(cache, `noisy-${caller}`, `k-${key}`, bytes);
        expect(values.map((value, index) => cache.get('quiet', `q-${index}`) === value)).toEqual([true, true]);
      }),
    );
  });

  it('counts a value again that has grown, which expires as before', () => {
    const cache = cacheOf();
    const grown = put(cache, 'anna', 'a', 1000);
    const other = put(cache, 'anna', 'b', 1000);
    vi.advanceTimersByTime(50_000);
    grown.bytes = 18_000;
    cache.recount('anna', 'a', grown);
    expect([cache.get('anna', 'a'), cache.get('anna', 'b')]).toEqual([grown, undefined]);
    expect(other.bytes).toBe(1000);
    vi.advanceTimersByTime(9999);
    expect(cache.get('anna', 'a')).toBe(grown);
    vi.advanceTimersByTime(1);
    expect(cache.get('anna', 'a')).toBeUndefined();
  });

  it('does not put a value that has grown where it is no longer there', () => {
    const cache = cacheOf();
    const first = put(cache, 'anna', 'a', 1000);
    const second = put(cache, 'anna', 'a', 1000);
    cache.recount('anna', 'a', first);
    cache.recount('anna', 'b', second);
    cache.recount('bert', 'a', second);
    expect(cache.get('anna', 'a')).toBe(second);
    expect([cache.get('anna', 'b'), cache.get('bert', 'a')]).toEqual([undefined, undefined]);
  });

  it('never holds more than it may', () => {
    const step = fc.record({ caller: fc.nat(20), key: fc.nat(10), bytes: fc.nat(9000), forget: fc.nat(30) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const cache = cacheOf();
        for (const { caller, key, bytes, forget } of steps) {
          put(cache, `c-${caller}`, `k-${key}`, bytes);
          cache.invalidate(`c-${forget}`);
          cache.get(`c-${caller}`, `k-${forget}`);
        }
        let held = 0;
        for (let caller = 0; caller <= 20; caller += 1) {
          for (let key = 0; key <= 10; key += 1) held += cache.get(`c-${caller}`, `k-${key}`)?.bytes ?? 0;
        }
        expect(held).toBeLessThanOrEqual(maxBytes);
      }),
    );
  });

  it('evicts what a caller has not used for longest', () => {
    const cache = cacheOf();
    const used = put(cache, 'a', 'used', 4000);
    put(cache, 'a', 'unused', 4000);
    for (let index = 0; index < 10; index += 1) {
      expect(cache.get('a', 'used')).toBe(used);
      put(cache, 'a', `new-${index}`, 4000);
    }
    expect(cache.get('a', 'unused')).toBeUndefined();
  });

  it('takes no value of a read that began before its caller was forgotten, and takes those of later ones', () => {
    const cache = cacheOf();
    const early = cache.beginRead('a', 'k');
    cache.invalidate('a');
    const late = cache.beginRead('a', 'k');
    early.put({ bytes: 1 }, 60_000);
    expect([early.wasInvalidated(), late.wasInvalidated(), cache.get('a', 'k')]).toEqual([true, false, undefined]);
    early.end();
    const value = { bytes: 2 };
    late.put(value, 60_000);
    late.end();
    expect(cache.get('a', 'k')).toBe(value);
  });

  it('forgets a caller with a read that has not begun to be kept', () => {
    const cache = cacheOf();
    const read = cache.beginRead('a', 'k');
    cache.beginRead('a', 'other').end();
    cache.invalidate('a');
    read.put({ bytes: 1 }, 60_000);
    read.end();
    expect(cache.get('a', 'k')).toBeUndefined();
  });

  it('forgets a caller without entries and without pending reads', () => {
    const cache = cacheOf();
    const [first, second] = [cache.beginRead('a', 'k'), cache.beginRead('a', 'l')];
    first.end();
    expect(second.wasInvalidated()).toBe(false);
    second.put({ bytes: 1 }, 60_000);
    second.end();
    expect(second.wasInvalidated()).toBe(false);
    cache.delete('a', 'l');
    expect([cache.get('a', 'l'), second.wasInvalidated()]).toEqual([undefined, true]);
  });

  it.each<[string, (cache: ReturnType<typeof cacheOf>) => void]>([
    ['has put nothing', () => {}],
    [
      'has no entry left',
      (cache) => {
        put(cache, 'a', 'k', 1);
        cache.delete('a', 'k');
      },
    ],
  ])('forgets a caller who %s when the last read ends', (_what, use) => {
    const cache = cacheOf();
    const read = cache.beginRead('a', 'k');
    use(cache);
    expect(read.wasInvalidated()).toBe(false);
    read.end();
    expect(read.wasInvalidated()).toBe(true);
  });

  it('forgets a caller whose last entry has expired', () => {
    const cache = cacheOf();
    const read = cache.beginRead('a', 'k');
    read.put({ bytes: 1 }, 1000);
    read.end();
    vi.advanceTimersByTime(1000);
    put(cache, 'b', 'k', 1);
    expect(read.wasInvalidated()).toBe(true);
  });

  it('forgets one caller, or all', () => {
    const cache = cacheOf();
    const values = ['a', 'b', 'c'].map((caller) => put(cache, caller, 'k', 1));
    const pending = cache.beginRead('d', 'k');
    const found = () => ['a', 'b', 'c'].map((caller) => cache.get(caller, 'k'));
    cache.invalidate('a');
    expect(found()).toEqual([undefined, values[1], values[2]]);
    cache.invalidateAll();
    expect([...found(), pending.wasInvalidated()]).toEqual([undefined, undefined, undefined, true]);
    expect(put(cache, 'a', 'k', 1)).toBe(cache.get('a', 'k'));
  });

  it('deletes one entry of one caller', () => {
    const cache = cacheOf();
    put(cache, 'a', 'k', 1);
    const others = [put(cache, 'a', 'l', 1), put(cache, 'b', 'k', 1)];
    for (const [caller, key] of [
      ['a', 'k'],
      ['a', 'none'],
      ['none', 'k'],
    ] as const)
      cache.delete(caller, key);
    expect([cache.get('a', 'k'), cache.get('a', 'l'), cache.get('b', 'k')]).toEqual([undefined, ...others]);
  });

  it('returns a value until its time to live is over, and never again', () => {
    const cache = cacheOf();
    cache.put('a', 'k', { bytes: 1 }, 1000);
    vi.advanceTimersByTime(999);
    expect(cache.get('a', 'k')).toEqual({ bytes: 1 });
    vi.advanceTimersByTime(1);
    expect(cache.get('a', 'k')).toBeUndefined();
  });
});

describe('the limit of bytes', () => {
  const open = (maxBytes: number) => new CallerCache<number>(maxBytes, (bytes) => bytes);
  /** With the key: what an entry takes without its own bytes, and what a partition takes. */
  const entry = 512 + 1;
  const partition = 512;

  it.each([
    ['of one entry', partition + entry + 100, ['a/k'], ['a/k']],
    ['less than of one entry', partition + entry + 99, ['a/k'], []],
    ['of two entries', partition + 2 * (entry + 100), ['a/k', 'a/l'], ['a/k', 'a/l']],
    ['less than of two entries', partition + 2 * (entry + 100) - 1, ['a/k', 'a/l'], ['a/l']],
    ['of two callers', 2 * (partition + entry + 100), ['a/k', 'b/k'], ['a/k', 'b/k']],
    ['of one long key', partition + entry + 109, ['a/0123456789'], ['a/0123456789']],
    ['less than of one long key', partition + entry + 108, ['a/0123456789'], []],
    ['of one entry that is put twice', partition + 2 * (entry + 100), ['a/k', 'a/l', 'a/l'], ['a/k', 'a/l']],
    ['of two entries, of three', partition + 2 * (entry + 100), ['a/k', 'a/l', 'a/m'], ['a/l', 'a/m']],
    [
      'of three entries of two callers',
      3 * (entry + 100) + 2 * partition,
      ['a/k', 'a/l', 'b/k', 'b/l'],
      ['a/l', 'b/k', 'b/l'],
    ],
  ])('has room %s', (_what, maxBytes, puts, found) => {
    const cache = open(maxBytes);
    for (const put of puts) {
      const [caller = '', key = ''] = put.split('/');
      cache.put(caller, key, 100, 1000);
    }
    const all = [...new Set(puts)].filter((put) => {
      const [caller = '', key = ''] = put.split('/');
      return cache.get(caller, key) !== undefined;
    });
    expect(all).toEqual(found);
  });

  it('drops the old value where the new one is too large', () => {
    const cache = open(2000);
    cache.put('a', 'k', 100, 1000);
    cache.put('a', 'k', 2000, 1000);
    expect(cache.get('a', 'k')).toBeUndefined();
  });

  /** For two callers with one entry each. */
  const maxBytes = 2 * (partition + entry + 100);

  it.each<[string, (cache: CallerCache<number>) => void]>([
    ['was deleted', (cache) => cache.delete('a', 'k')],
    ['was of a forgotten caller', (cache) => cache.invalidate('a')],
    [
      'was found to have expired',
      (cache) => {
        vi.advanceTimersByTime(1000);
        cache.get('a', 'k');
      },
    ],
    ['expired, though nobody has looked for it', () => vi.advanceTimersByTime(1000)],
  ])('does not count an entry that %s', (_what, remove) => {
    // The largest would be the first to lose an entry.
    const cache = open(maxBytes + 200);
    cache.put('a', 'k', 100, 1000);
    cache.put('b', 'k', 300, 60_000);
    remove(cache);
    cache.put('c', 'k', 100, 60_000);
    expect(['a', 'b', 'c'].map((caller) => cache.get(caller, 'k'))).toEqual([undefined, 300, 100]);
  });

  it('counts nothing when all is forgotten', () => {
    const cache = open(maxBytes);
    for (const caller of ['a', 'b']) cache.put(caller, 'k', 100, 1000);
    cache.invalidateAll();
    for (const caller of ['c', 'd']) cache.put(caller, 'k', 100, 1000);
    expect(['c', 'd'].map((caller) => cache.get(caller, 'k'))).toEqual([100, 100]);
  });

  it('counts the entries of a caller until the last of them has expired', () => {
    const cache = open(2 * partition + 3 * (entry + 100));
    cache.put('a', 'long', 97, 60_000);
    cache.put('a', 'k', 100, 1000);
    vi.advanceTimersByTime(1000);
    cache.put('b', 'k', 100, 60_000);
    expect([cache.get('a', 'long'), cache.get('a', 'k'), cache.get('b', 'k')]).toEqual([97, undefined, 100]);
  });

  it('takes the value of a read that began before the caller’s entries expired', () => {
    const cache = open(maxBytes);
    cache.put('a', 'k', 100, 1000);
    const read = cache.beginRead('a', 'l');
    vi.advanceTimersByTime(1000);
    cache.put('b', 'k', 100, 60_000);
    expect(read.wasInvalidated()).toBe(false);
    read.put(100, 60_000);
    read.end();
    expect([cache.get('a', 'k'), cache.get('a', 'l'), cache.get('b', 'k')]).toEqual([undefined, 100, 100]);
  });

  it('drops the expired entries of several callers', () => {
    const cache = open(3 * (partition + entry + 100) + 200);
    for (const caller of ['a', 'b', 'a']) cache.put(caller, 'k', 100, 1000);
    cache.put('stays', 'k', 300, 60_000);
    vi.advanceTimersByTime(1000);
    for (const caller of ['c', 'd']) cache.put(caller, 'k', 100, 1000);
    expect(['stays', 'c', 'd'].map((caller) => cache.get(caller, 'k'))).toEqual([300, 100, 100]);
  });

  it('does not count an expired entry that was looked for, beside one that has not expired', () => {
    const cache = open(maxBytes);
    cache.put('a', 'l', 100, 60_000);
    cache.put('a', 'k', 100, 1000);
    vi.advanceTimersByTime(1000);
    expect(cache.get('a', 'k')).toBeUndefined();
    cache.put('b', 'k', 100, 60_000);
    expect([cache.get('a', 'l'), cache.get('b', 'k')]).toEqual([100, 100]);
  });

  it('counts nothing that a read puts after its caller was forgotten', () => {
    const cache = open(maxBytes);
    const read = cache.beginRead('a', 'k');
    cache.invalidate('a');
    cache.put('b', 'k', 100, 60_000);
    read.put(100, 60_000);
    cache.put('c', 'k', 100, 60_000);
    expect(['b', 'c'].map((caller) => cache.get(caller, 'k'))).toEqual([100, 100]);
  });

  it('keeps the other entries of a caller who puts one that is too large', () => {
    const cache = open(maxBytes);
    cache.put('a', 'k', 100, 60_000);
    cache.put('a', 'l', maxBytes - partition - entry + 1, 60_000);
    expect([cache.get('a', 'k'), cache.get('a', 'l')]).toEqual([100, undefined]);
  });

  const noSuchLog = { requestId: 'r', code: 'C', message: 'M' };
  const results: [string, ReadResult, number][] = [
    ['its body', resultOf(log('r'), 5000), 5000],
    ['its messages, where these are larger', resultOf(log('r'), 0), resultOf(log('r'), 0).log.messages.byteLength],
    ['its body, where there is no log', { kind: 'noSuchLog', noSuchLog, fetchedAt: new Date(0), bodyBytes: 70 }, 70],
  ];
  it.each(results)('counts of a result the bytes of %s', (_what, result, bytes) => {
    for (const [missing, found] of [
      [1, undefined],
      [0, result],
    ] as const) {
      const cache = createMemoryCache(partition + entry + bytes - missing);
      cache.put('a', 'k', result, 1000);
      expect(cache.get('a', 'k')).toBe(found);
    }
  });
});

function resultOf(body: string, bodyBytes: number) {
  const fetchedAt = new Date(0);
  return { kind: 'log', log: decodeViberLog(Buffer.from(body), 'r', () => {}), fetchedAt, bodyBytes } as const;
}

describe('size classes', () => {
  it('find a member of one byte, and none of no bytes', () => {
    const classes = new SizeClasses<{ bytes: number; sizeClass: number }>();
    const member = { bytes: 1, sizeClass: -1 };
    classes.update(member);
    expect(classes.largest()).toBe(member);
    member.bytes = 0;
    classes.update(member);
    expect(classes.largest()).toBeUndefined();
  });

  it('find one of the largest members, whatever their sizes were before', () => {
    const step = fc.record({
      member: fc.nat(9),
      bytes: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 100_000 })),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const classes = new SizeClasses<{ bytes: number; sizeClass: number }>();
        const members = Array.from({ length: 10 }, () => ({ bytes: 0, sizeClass: -1 }));
        for (const { member, bytes } of steps) {
          const changed = members[member] as (typeof members)[number];
          changed.bytes = bytes;
          classes.update(changed);
          const largest = Math.max(...members.map((one) => one.bytes));
          const found = classes.largest();
          if (largest === 0) expect(found).toBeUndefined();
          else expect(found?.bytes).toBeGreaterThan(largest * 0.9);
        }
      }),
    );
  });
});
