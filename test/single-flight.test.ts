/** Which reads share a call, how a waiter leaves it, and when a call is cancelled or can no longer be joined. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type CallBudget, Cancellation } from '../src/d7/cancellation.ts';
import { ViberLogFailure } from '../src/d7/failures.ts';
import { SingleFlight } from '../src/viber-log/single-flight.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

type Call = { budget: CallBudget; resolve: (result: string) => void; reject: (failure: Error) => void };
type Read = { caller?: string; key?: string; deadlineMs?: number; alwaysStart?: boolean; cancellation?: Cancellation };

function open() {
  const singleFlight = new SingleFlight<string>();
  const calls: Call[] = [];
  const call = (index: number) => calls[index] as Call;
  const isCancelled = (index: number) => call(index).budget.cancellation.isCancelled;
  /** Settles to the result, or to the kind of the failure. */
  const read = ({ caller = 'a', key = 'k', deadlineMs = 5000, alwaysStart = false, cancellation }: Read = {}) => {
    const budget = {
      cancellation: cancellation ?? new Cancellation(),
      deadlineMs,
      priority: 'poll',
      span: null,
    } as const;
    return singleFlight
      .join(caller, key, budget, alwaysStart, (callBudget) => {
        return new Promise((resolve, reject) => calls.push({ budget: callBudget, resolve, reject }));
      })
      .catch((failure) => (failure instanceof ViberLogFailure ? `${failure.kind}: ${failure.message}` : failure));
  };
  return { singleFlight, calls, call, isCancelled, read };
}

const cancelled = 'cancelled: the caller cancelled the read';
const outOfTime = 'outOfTime: the operation has no time left';

describe('a call in flight', () => {
  it('is shared by the reads of one key by one caller, and by no others', async () => {
    const { calls, call, read } = open();
    const reads = [read(), read({ key: 'l' }), read({ caller: 'b' }), read(), read({ key: 'l' })];
    expect(calls).toHaveLength(3);
    for (const [index, result] of ['one', 'two', 'three'].entries()) call(index).resolve(result);
    expect(await Promise.all(reads)).toEqual(['one', 'two', 'three', 'one', 'two']);
  });

  it('has the deadline and the priority of its first waiter, and a cancellation of its own', () => {
    const { calls, call, read } = open();
    const cancellation = new Cancellation();
    read({ deadlineMs: 1234, cancellation });
    read({ deadlineMs: 5678 });
    expect(calls).toHaveLength(1);
    expect(call(0).budget).toMatchObject({ deadlineMs: 1234, priority: 'poll' });
    expect(call(0).budget.cancellation).not.toBe(cancellation);
  });

  it('that fails, fails its waiters and no later read', async () => {
    const { calls, call, read } = open();
    const reads = [read(), read()];
    const failure = new Error('failed');
    call(0).reject(failure);
    expect(await Promise.all(reads)).toEqual([failure, failure]);
    read();
    expect(calls).toHaveLength(2);
  });

  it('that has ended is not joined', async () => {
    const { calls, call, read } = open();
    const first = read();
    call(0).resolve('one');
    expect(await first).toBe('one');
    const second = read();
    expect(calls).toHaveLength(2);
    call(1).resolve('two');
    expect(await second).toBe('two');
  });

  it('is not joined by a read that always starts one, and that call replaces it', async () => {
    const { calls, call, read } = open();
    const old = read();
    const fresh = read({ alwaysStart: true });
    expect(calls).toHaveLength(2);
    call(0).resolve('old');
    expect(await old).toBe('old');
    const later = read();
    expect(calls).toHaveLength(2);
    call(1).resolve('new');
    expect(await Promise.all([fresh, later])).toEqual(['new', 'new']);
    read();
    expect(calls).toHaveLength(3);
  });

  it('of an invalidated caller answers its waiters, and is not joined', async () => {
    const { singleFlight, calls, call, read } = open();
    const before = [read(), read({ caller: 'b' })];
    singleFlight.invalidate('a');
    const after = [read(), read({ caller: 'b' })];
    expect(calls).toHaveLength(3);
    call(0).resolve('before');
    expect(await before[0]).toBe('before');
    const joined = read();
    expect(calls).toHaveLength(3);
    call(1).resolve('other');
    call(2).resolve('after');
    expect(await Promise.all([before[1], ...after, joined])).toEqual(['other', 'after', 'other', 'after']);
  });

  it('of an invalidated caller who reads no more answers its waiters', async () => {
    const { singleFlight, call, read } = open();
    const before = read();
    singleFlight.invalidate('a');
    call(0).resolve('before');
    expect(await before).toBe('before');
  });

  it('is joined after one of another key has ended', async () => {
    const { calls, call, read } = open();
    const [other, first] = [read({ key: 'l' }), read()];
    call(0).resolve('one');
    expect(await other).toBe('one');
    const second = read();
    expect(calls).toHaveLength(2);
    call(1).resolve('two');
    expect(await Promise.all([first, second])).toEqual(['two', 'two']);
  });

  it('is not joined after all are invalidated', () => {
    const { singleFlight, calls, read } = open();
    read();
    read({ caller: 'b' });
    singleFlight.invalidateAll();
    read();
    read({ caller: 'b' });
    expect(calls).toHaveLength(4);
  });
});

describe('a waiter', () => {
  it('that was cancelled before it joins, starts no call', async () => {
    const { calls, read } = open();
    const cancellation = new Cancellation();
    cancellation.cancel();
    expect(await read({ cancellation })).toBe(cancelled);
    expect(calls).toHaveLength(0);
  });

  it('that detaches leaves the call to the others', async () => {
    const { call, isCancelled, read } = open();
    const cancellation = new Cancellation();
    const [leaves, stays] = [read({ cancellation }), read()];
    cancellation.cancel();
    expect(await leaves).toBe(cancelled);
    expect(isCancelled(0)).toBe(false);
    call(0).resolve('one');
    expect(await stays).toBe('one');
    expect(isCancelled(0)).toBe(false);
  });

  it('that detaches last cancels the call, and no later read joins it', async () => {
    const { calls, call, isCancelled, read } = open();
    const cancellation = new Cancellation();
    const reads = [read({ cancellation }), read({ cancellation })];
    cancellation.cancel();
    expect(isCancelled(0)).toBe(true);
    const later = read();
    expect(calls).toHaveLength(2);
    call(0).reject(new Error('cancelled'));
    expect(await Promise.all(reads)).toEqual([cancelled, cancelled]);
    const joins = read();
    expect(calls).toHaveLength(2);
    call(1).resolve('two');
    expect(await Promise.all([later, joins])).toEqual(['two', 'two']);
    expect(isCancelled(1)).toBe(false);
  });

  it('with less time than the call leaves it at its deadline', async () => {
    const { call, isCancelled, read } = open();
    vi.advanceTimersByTime(1000);
    const startMs = performance.now();
    const long = read({ deadlineMs: startMs + 500 });
    const short = read({ deadlineMs: startMs + 200 });
    let hasLeft = false;
    short.then(() => {
      hasLeft = true;
    });
    await vi.advanceTimersByTimeAsync(199);
    expect(hasLeft).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await short).toBe(outOfTime);
    expect(isCancelled(0)).toBe(false);
    call(0).resolve('one');
    expect(await long).toBe('one');
  });

  it.each([5000, 6000])('with as much time as the call of 5000 ms leaves the deadline to it (%i ms)', (deadlineMs) => {
    const { read } = open();
    read();
    read({ deadlineMs });
    expect(vi.getTimerCount()).toBe(0);
  });

  it.each<[string, (call: Call) => void]>([
    ['result', (call) => call.resolve('one')],
    ['failure', (call) => call.reject(new Error('failed'))],
  ])('that has its %s has no timer left, and its cancellation has no effect', async (_what, settle) => {
    const { call, isCancelled, read } = open();
    const cancellation = new Cancellation();
    const reads = [read({ cancellation }), read({ deadlineMs: 100, cancellation })];
    expect(vi.getTimerCount()).toBe(1);
    settle(call(0));
    await Promise.all(reads);
    expect(vi.getTimerCount()).toBe(0);
    cancellation.cancel();
    expect(isCancelled(0)).toBe(false);
  });

  it('detaches once, whether it was cancelled or has no time left', async () => {
    const { isCancelled, read } = open();
    const cancellation = new Cancellation();
    read();
    const leaves = read({ deadlineMs: 100, cancellation });
    cancellation.cancel();
    await vi.advanceTimersByTimeAsync(1000);
    expect(await leaves).toBe(cancelled);
    expect(isCancelled(0)).toBe(false);
    const later = new Cancellation();
    const late = read({ deadlineMs: performance.now() + 100, cancellation: later });
    await vi.advanceTimersByTimeAsync(100);
    later.cancel();
    expect(await late).toBe(outOfTime);
    expect(isCancelled(0)).toBe(false);
  });
});
