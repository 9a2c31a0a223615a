/** Which failed calls are retried, after how long, and how many of them; and what Retry-After means. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ViberLogFailure } from '../src/d7/failures.ts';
import { delayBeforeRetryMs, RetryBudget } from '../src/d7/retry.ts';
import { retryAfterSeconds } from '../src/d7/retry-after.ts';

describe('retryAfterSeconds', () => {
  const now = Date.parse('2024-02-05T09:48:42Z');
  it.each([
    ['30', 30],
    ['0', 0],
    ['Mon, 05 Feb 2024 09:49:42 GMT', 60],
    ['Mon, 05 Feb 2024 09:48:42 GMT', undefined],
    ['Mon, 05 Feb 2024 09:00:00 GMT', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['9999999999', 86_400],
    ['9'.repeat(400), 86_400],
    ['40 ', 40],
    ['\t 40\t', 40],
    ['40 \t', 40],
    ['Mon, 05 Feb 2024 09:49:42 GMT ', 60],
    ['Monday, 05-Feb-24 09:49:42 GMT', 60],
    ['Mon Feb  5 09:49:42 2024', 60],
    ['Wed, 07 Feb 2024 09:48:42 GMT', 86_400],
    ['Monday, 05-Feb-74 09:49:42 GMT', 86_400],
    ['Thursday, 05-Feb-75 09:49:42 GMT', undefined],
    ['Tue, 30 Feb 2024 09:49:42 GMT', undefined],
    ['Mon, 05 Feb 2024 24:00:00 GMT', undefined],
    ['Mon, 05 Feb 2024 09:49:42', undefined],
    ['Mon, 5 Feb 2024 09:49:42 GMT', undefined],
    ['2024-02-05T09:49:42Z', undefined],
    ['-40', undefined],
    ['-3600', undefined],
    ['+40', undefined],
    ['40, 50', undefined],
    ['4 0', undefined],
    ['٤٠', undefined],
    ['abc 2099', undefined],
    ['soon', undefined],
    [' ', undefined],
    ['', undefined],
    [undefined, undefined],
    [['1', '2'], undefined],
  ])('reads %j as %j', (header, seconds) => {
    expect(retryAfterSeconds(header, now)).toBe(seconds);
  });

  it.each('Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ').map((name, index) => [name, index] as const))(
    'reads the month %s in each format',
    (month, index) => {
      const beforeMs = Date.UTC(2024, index, 15, 9, 48, 42);
      for (const date of [
        `Mon, 15 ${month} 2024 09:49:42 GMT`,
        `Monday, 15-${month}-24 09:49:42 GMT`,
        `Mon ${month} 15 09:49:42 2024`,
      ]) {
        expect(retryAfterSeconds(date, beforeMs)).toBe(60);
      }
    },
  );
});

describe('delayBeforeRetryMs', () => {
  const unwell = new ViberLogFailure('unavailable', 'status 503', { retriable: true });
  const asksToWait = new ViberLogFailure('unavailable', 'status 503', { retriable: true, retryAfterSeconds: 2 });
  const question = { failure: unwell, attempts: 1, maxRetries: 2, remainingMs: 5000, random: 1 };
  it.each([
    ['the first time after a tenth of a second', {}, 100],
    ['jittered down to half of it', { random: 0 }, 50],
    ['the second time after twice as long', { attempts: 2 }, 200],
    ['not a third time', { attempts: 3 }, null],
    ['never, where retries are switched off', { maxRetries: 0 }, null],
    ['not when there is no time for it', { remainingMs: 100 }, null],
    ['not what would fail again', { failure: new ViberLogFailure('badResponse', 'no JSON') }, null],
    ['when D7 says', { failure: asksToWait }, 2000],
    ['not when D7 says later than there is time', { failure: asksToWait, remainingMs: 2000 }, null],
  ])('is tried again %s', (_when, change, delayMs) => {
    expect(delayBeforeRetryMs({ ...question, ...change })).toBe(delayMs);
  });
});

describe('the retry budget', () => {
  it('never lets more than a fifth of the calls be retries, in any order of things', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 2000 }), (events) => {
        const budget = new RetryBudget();
        let [calls, retries] = [0, 0];
        for (const isCall of events) {
          if (isCall) {
            budget.earn();
            calls += 1;
          } else if (budget.spend()) retries += 1;
          expect(retries * 5).toBeLessThanOrEqual(calls);
        }
      }),
    );
  });

  it('saves up no more than twenty', () => {
    const budget = new RetryBudget();
    for (let call = 0; call < 1000; call += 1) budget.earn();
    expect(Array.from({ length: 30 }, () => budget.spend()).filter(Boolean)).toHaveLength(20);
  });
});
