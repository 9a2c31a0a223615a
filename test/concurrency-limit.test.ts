/** How many calls may be in flight: growth, congestion, and what only looks like congestion. */
import { describe, expect, it } from 'vitest';
import { ConcurrencyLimit } from '../src/d7/concurrency-limit.ts';

describe('the concurrency limit', () => {
  /** A D7 that works on so many calls at a time and has the others wait. */
  function settle(capacity: number, serviceMs: number, intervals = 200) {
    const limit = new ConcurrencyLimit({ ceiling: 512 });
    const seen: number[] = [];
    let nowMs = 0;
    for (let interval = 0; interval < intervals; interval += 1) {
      const roundTripMs = serviceMs * Math.max(1, limit.value / capacity);
      const calls = Math.round((limit.value * 250) / roundTripMs);
      for (let call = 0; call <= Math.max(16, calls); call += 1)
        limit.onSuccess(roundTripMs, true, nowMs + (call / calls) * 250);
      nowMs += 251;
      seen.push(limit.value);
    }
    return seen.slice(-50);
  }

  it('grows to its ceiling before a D7 that sustains it', () => expect(settle(10_000, 50).at(-1)).toBe(512));

  it('stays near what D7 sustains where that is less', () => {
    const seen = settle(40, 50);
    expect(Math.max(...seen)).toBeLessThan(140);
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(30);
  });

  it('does not shrink for long when D7 has become slower for another reason', () => {
    const limit = new ConcurrencyLimit({ ceiling: 512 });
    const phase = (roundTripMs: number, fromMs: number) => {
      for (let call = 0; call < 4000; call += 1) limit.onSuccess(roundTripMs, true, fromMs + call);
    };
    phase(20, 0);
    const before = limit.value;
    phase(200, 10_000);
    expect(limit.value).toBeGreaterThanOrEqual(before * 0.9);
  });

  it('does not take one slow log for congestion', () => {
    const limit = new ConcurrencyLimit({ ceiling: 64 });
    for (let call = 0; call < 2000; call += 1) limit.onSuccess(call % 3 === 0 ? 50 : 4000, true, call * 10);
    expect(limit.value).toBe(64);
  });
});

describe('step by step, the concurrency limit', () => {
  /** Feeds a limit whole intervals: 16 round trips, and the last one 250 ms after the first. */
  function intervalsOf(limit: ConcurrencyLimit) {
    let nowMs = 0;
    return (roundTripMs: number, count = 1, hasDemand = false) => {
      for (let interval = 0; interval < count; interval += 1) {
        for (let sample = 0; sample < 15; sample += 1) limit.onSuccess(roundTripMs, hasDemand, nowMs);
        limit.onSuccess(roundTripMs, hasDemand, nowMs + 250);
        nowMs += 1000;
      }
      return limit.value;
    };
  }

  it.each([
    [512, 16],
    [16, 16],
    [5, 5],
  ])('with a ceiling of %i begins at %i', (ceiling, value) => {
    expect(new ConcurrencyLimit({ ceiling }).value).toBe(value);
  });

  it('grows by one with each success of a caller that has demand, up to its ceiling', () => {
    const limit = new ConcurrencyLimit({ ceiling: 20 });
    const values = Array.from({ length: 6 }, () => {
      limit.onSuccess(50, true, 0);
      return limit.value;
    });
    expect(values).toEqual([17, 18, 19, 20, 20, 20]);
  });

  it('does not grow without demand', () => {
    const limit = new ConcurrencyLimit({ ceiling: 20 });
    for (let call = 0; call < 10; call += 1) limit.onSuccess(50, false, 0);
    expect(limit.value).toBe(16);
  });

  it.each([
    [512, [8, 8]],
    [5, [5, 5]],
  ])('with a ceiling of %i is halved by an outage, and never below its least', (ceiling, values) => {
    const limit = new ConcurrencyLimit({ ceiling });
    const halved = () => {
      limit.onOutage();
      return limit.value;
    };
    expect([halved(), halved()]).toEqual(values);
  });

  it('is halved by an outage, whatever it was', () => {
    const limit = new ConcurrencyLimit({ ceiling: 512 });
    for (let call = 0; call < 84; call += 1) limit.onSuccess(50, true, 0);
    limit.onOutage();
    expect(limit.value).toBe(50);
  });

  it('grows slowly after an outage: by one with each round trip of all calls', () => {
    const limit = new ConcurrencyLimit({ ceiling: 512 });
    limit.onOutage();
    for (let call = 0; call < 8; call += 1) limit.onSuccess(50, true, 0);
    expect(limit.value).toBe(8);
    limit.onSuccess(50, true, 0);
    expect(limit.value).toBe(9);
  });

  it.each([
    ['three times the minimum, more than 100 ms above it', 50, 151, 12],
    ['three times the minimum, 100 ms above it', 50, 150, 16],
    ['more than twice the minimum', 200, 401, 12],
    ['twice the minimum', 200, 400, 16],
    ['the minimum', 200, 200, 16],
    ['less than the minimum', 200, 50, 16],
  ])('takes round trips for congestion or not: %s', (_what, minimumMs, thenMs, value) => {
    const interval = intervalsOf(new ConcurrencyLimit({ ceiling: 512 }));
    interval(minimumMs);
    expect(interval(thenMs)).toBe(value);
  });

  it.each([
    ['has too few samples', 15, 250],
    ['is too short', 16, 249],
  ])('does not end an interval that %s', (_what, samples, tookMs) => {
    const limit = new ConcurrencyLimit({ ceiling: 512 });
    intervalsOf(limit)(50);
    for (let sample = 1; sample < samples; sample += 1) limit.onSuccess(500, false, 1000);
    limit.onSuccess(500, false, 1000 + tookMs);
    expect(limit.value).toBe(16);
    limit.onSuccess(500, false, 1250);
    expect(limit.value).toBe(12);
  });

  it('judges an interval by its own fastest round trip', () => {
    const limit = new ConcurrencyLimit({ ceiling: 512 });
    const interval = intervalsOf(limit);
    interval(50);
    interval(500);
    limit.onSuccess(60, false, 10_000);
    for (let sample = 0; sample < 15; sample += 1) limit.onSuccess(500, false, 10_250);
    expect(limit.value).toBe(12);
    for (let sample = 0; sample < 16; sample += 1) limit.onSuccess(500, false, 20_000 + sample * 250);
    expect(limit.value).toBe(10);
  });

  it('shrinks to its least, does not grow meanwhile, and grows slowly after that', () => {
    const limit = new ConcurrencyLimit({ ceiling: 512 });
    const interval = intervalsOf(limit);
    interval(50);
    const roundTrips = [5000, 4000, 3000, 2000, 1000];
    expect(roundTrips.map((roundTripMs) => interval(roundTripMs, 1, roundTripMs < 5000))).toEqual([12, 10, 8, 8, 8]);
    expect(interval(50)).toBe(8);
    for (let call = 0; call < 9; call += 1) limit.onSuccess(50, true, 50_000);
    expect(limit.value).toBe(9);
  });

  it('takes longer round trips for those of D7 where six shrinks have no effect', () => {
    const limit = new ConcurrencyLimit({ ceiling: 512 });
    const interval = intervalsOf(limit);
    interval(50);
    expect(interval(500, 6)).toBe(8);
    expect(interval(401)).toBe(16);
    expect(interval(500, 10)).toBe(16);
    expect(interval(807)).toBe(12);
  });

  it('keeps what shrinking has gained where it has an effect', () => {
    const limit = new ConcurrencyLimit({ ceiling: 512 });
    const interval = intervalsOf(limit);
    interval(50);
    interval(500, 6);
    expect(interval(400, 20)).toBe(8);
    expect(interval(401)).toBe(16);
  });

  it('lets the minimum grow slowly, so that one outlier does not count for ever', () => {
    const after = (intervals: number, roundTripMs: number) => {
      const interval = intervalsOf(new ConcurrencyLimit({ ceiling: 512 }));
      interval(50);
      interval(140, intervals);
      return interval(roundTripMs);
    };
    expect([after(100, 152), after(100, 153), after(200, 155), after(200, 156)]).toEqual([16, 12, 16, 12]);
  });
});
