/** What watches the time limits of calls, by real time: a limit of some milliseconds, and never a pause. */
import { describe, expect, it } from 'vitest';
import { Deadlines, type Timed, unwatched } from '../src/d7/deadlines.ts';

type Watched = Timed & { times: number };

/** Calls `onDue` once for each limit, and then has itself removed. */
function timed(deadlines: Deadlines, afterMs: number, onDue: (item: Watched) => void = () => {}): Watched {
  const item: Watched = {
    dueMs: performance.now() + afterMs,
    place: unwatched,
    times: 0,
    onDue(nowMs) {
      expect(nowMs).toBeGreaterThanOrEqual(item.dueMs);
      item.times += 1;
      deadlines.remove(item);
      onDue(item);
    },
  };
  deadlines.add(item);
  return item;
}

describe('deadlines', () => {
  it('tell each item once, never too early, and none that was removed', async () => {
    const deadlines = new Deadlines();
    const told: number[] = [];
    const items = Array.from({ length: 60 }, (_, index) =>
      timed(deadlines, 1 + (index % 7) * 10, () => told.push(index)),
    );
    for (let index = 0; index < 60; index += 3) deadlines.remove(items[index] as Timed);
    const expected = items.map((_, index) => index).filter((index) => index % 3 !== 0);
    await expect.poll(() => told.toSorted((a, b) => a - b)).toEqual(expected);
    expect(items.every(({ place }) => place === unwatched)).toBe(true);
  });

  it('tell an item again that sets its next limit', async () => {
    const deadlines = new Deadlines();
    let times = 0;
    const item: Timed = {
      dueMs: 0,
      place: unwatched,
      onDue(nowMs) {
        times += 1;
        item.dueMs = nowMs + 1;
        if (times === 3) deadlines.remove(item);
      },
    };
    deadlines.add(item);
    deadlines.add(item);
    await expect.poll(() => times).toBe(3);
  });

  it('tell all that are due at once, also where each removes others and adds new ones', async () => {
    const deadlines = new Deadlines();
    let late = 0;
    const others = Array.from({ length: 20 }, () => timed(deadlines, 0));
    const removing = Array.from({ length: 20 }, (_, index) =>
      timed(deadlines, 0, () => {
        deadlines.remove(others[index] as Timed);
        timed(deadlines, 1, () => {
          late += 1;
        });
      }),
    );
    await expect.poll(() => late).toBe(20);
    expect(removing.map(({ times }) => times)).toEqual(Array(20).fill(1));
    expect(Math.max(...others.map(({ times }) => times))).toBeLessThanOrEqual(1);
  });
});
