/** The windows of the rate limits, with the time passed in. */
import { describe, expect, it } from 'vitest';
import { RateWindows } from '../src/viber-log/rate-windows.ts';

describe('a window', () => {
  it('begins with the first count, and ends after its seconds', () => {
    let ms = 500;
    const windows = new RateWindows(10, 60, () => ms);
    const at = (time: number, points: number) => {
      ms = time;
      const { remaining, resetSeconds, isExceeded } = windows.count('one', points);
      return [remaining, resetSeconds, isExceeded];
    };
    expect(at(500, 4)).toEqual([6, 60, false]);
    expect(at(1500, 6)).toEqual([0, 59, false]);
    expect(at(60_499, 1)).toEqual([0, 1, true]);
    expect(at(60_500, 1)).toEqual([9, 60, false]);
  });

  it('belongs to one caller', () => {
    const windows = new RateWindows(1, 60, () => 0);
    expect(windows.count('one', 1).isExceeded).toBe(false);
    expect(windows.count('other', 1).isExceeded).toBe(false);
    expect(windows.count('one', 1).isExceeded).toBe(true);
  });

  it('is forgotten where 10 000 other callers were counted since', () => {
    const windows = new RateWindows(1, 60, () => 0);
    windows.count('first', 1);
    windows.count('second', 1);
    for (let caller = 0; caller < 9999; caller += 1) windows.count(`made up ${caller}`, 1);
    expect(windows.count('second', 1).isExceeded).toBe(true);
    expect(windows.count('first', 1).isExceeded).toBe(false);
  });
});
