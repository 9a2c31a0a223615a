/**
 * The fair queue, with its circuits and its concurrency limit, in simulated time. `QUEUE_SEED=7 npm test -- fair-queue` replays one seed.
 */
import { describe, expect, it } from 'vitest';
import { type Ended, type SimulatedCall, Simulation, seeded, type Upstream } from './queue-simulation.ts';

const healthy: Upstream = () => ({ tookMs: 50, outcome: 'answered' });
/** Tokens that begin with `bad` have logs that hang, or that D7 fails on. */
const hanging: Upstream = ({ token }) =>
  token.startsWith('bad') ? { tookMs: 5000, outcome: 'failed' } : { tookMs: 50, outcome: 'answered' };
const failing: Upstream = ({ token }) =>
  token.startsWith('bad') ? { tookMs: 20, outcome: 'failed' } : { tookMs: 50, outcome: 'answered' };

const isGood = ({ token }: Ended) => !token.startsWith('bad');
const notAnswered = (calls: readonly Ended[]) => calls.filter(({ result }) => result !== 'answered');

function p95(calls: readonly Ended[]): number {
  const sorted = calls.map(({ tookMs }) => tookMs).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.95)] ?? 0;
}

/** One caller with ever so many calls, at a steady rate. */
function stream(
  simulation: Simulation,
  token: string,
  everyMs: number,
  untilMs: number,
  more: Partial<SimulatedCall> = {},
) {
  for (let atMs = 0; atMs < untilMs; atMs += everyMs) simulation.call({ token, atMs, ...more });
}

describe('a caller is not harmed by another one', () => {
  it.each([
    [
      'asks for 4000 logs every second',
      healthy,
      (simulation: Simulation) => {
        for (let second = 0; second < 10; second += 1)
          for (let call = 0; call < 4000; call += 1) simulation.call({ token: 'bad', atMs: second * 1000 });
      },
    ],
    ['has logs that hang', hanging, (simulation: Simulation) => stream(simulation, 'bad', 3, 10_000)],
    [
      'has logs that D7 fails on',
      failing,
      (simulation: Simulation) => {
        for (let second = 0; second < 10; second += 2)
          for (let call = 0; call < 100; call += 1) simulation.call({ token: 'bad', atMs: second * 1000 });
      },
    ],
    [
      'is five, and their logs hang',
      hanging,
      (simulation: Simulation) => {
        for (let caller = 0; caller < 5; caller += 1) stream(simulation, `bad-${caller}`, 5, 10_000);
      },
    ],
  ])('that %s', (_what, upstream, makeNoise) => {
    const simulation = new Simulation(upstream);
    makeNoise(simulation);
    for (let caller = 0; caller < 20; caller += 1) stream(simulation, `good-${caller}`, 100 + caller, 10_000);
    simulation.run();
    const good = simulation.ended.filter(isGood);
    expect(good.length).toBeGreaterThan(1500);
    expect(notAnswered(good)).toEqual([]);
    expect(p95(good)).toBeLessThanOrEqual(150);
  });

  it('and 64 callers with a page of 25 each at the same instant are all answered', () => {
    const simulation = new Simulation(healthy);
    for (let call = 0; call < 25; call += 1)
      for (let caller = 0; caller < 64; caller += 1) simulation.call({ token: `good-${caller}`, atMs: 0 });
    simulation.run();
    expect(simulation.ended).toHaveLength(1600);
    expect(notAnswered(simulation.ended)).toEqual([]);
  });
});

describe('one caller alone', () => {
  it('uses a D7 that sustains it with 256 calls at a time, within a second', () => {
    const simulation = new Simulation(healthy);
    const again = (atMs: number) => simulation.call({ token: 'good', atMs });
    const { end } = simulation.queue;
    simulation.queue.end = (call, outcome, nowMs) => {
      end.call(simulation.queue, call, outcome, nowMs);
      if (nowMs < 3000) again(nowMs);
    };
    for (let client = 0; client < 256; client += 1) again(0);
    simulation.run();
    const perSecond = simulation.ended.filter(({ atMs }) => atMs >= 1000 && atMs < 2000).length;
    expect(perSecond).toBeGreaterThan(0.95 * 256 * 20);
  });

  it('that asks one at a time, among 256 of its kind, has D7 used as fully', () => {
    const simulation = new Simulation(healthy);
    const { end } = simulation.queue;
    simulation.queue.end = (call, outcome, nowMs) => {
      end.call(simulation.queue, call, outcome, nowMs);
      if (nowMs < 3000) simulation.call({ token: call.token, atMs: nowMs });
    };
    for (let client = 0; client < 256; client += 1) simulation.call({ token: `good-${client}`, atMs: 0 });
    simulation.run();
    const perSecond = simulation.ended.filter(({ atMs }) => atMs >= 1000 && atMs < 2000).length;
    expect(perSecond).toBeGreaterThan(0.95 * 256 * 20);
  });

  it('is rejected for its own demand only, and told when to come back', () => {
    const simulation = new Simulation(() => ({ tookMs: 5000, outcome: 'answered' }));
    for (let call = 0; call < 30_000; call += 1) simulation.call({ token: 'bad', atMs: 0 });
    simulation.call({ token: 'good', atMs: 1 });
    simulation.run();
    expect(simulation.of('good')).toMatchObject([{ result: 'answered', waitedMs: 0 }]);
    const results = Object.groupBy(simulation.of('bad'), ({ result }) => result);
    // Half of the places in the queue; the rest is rejected at once.
    expect(results.overloaded?.length).toBeGreaterThan(19_000);
    expect(results.overloaded?.every(({ tookMs }) => tookMs === 0)).toBe(true);
    expect(results.late?.every(({ tookMs }) => tookMs === 10_000)).toBe(true);
  });
});

it('serves interactive reads before polls, and polls in one turn of ten', () => {
  const simulation = new Simulation(healthy, { maxConcurrency: 1 });
  const order: string[] = [];
  const { upstream } = simulation;
  Object.assign(simulation, {
    upstream: (call: SimulatedCall, inFlight: number, nowMs: number) => {
      order.push(call.priority ?? 'interactive');
      return upstream(call, inFlight, nowMs);
    },
  });
  for (let call = 0; call < 30; call += 1) {
    simulation.call({ token: 'anna', atMs: 0, priority: 'poll' });
    simulation.call({ token: 'bert', atMs: 1 });
  }
  simulation.run(2000);
  const firstTurns = order.slice(1, 31);
  expect(firstTurns.filter((kind) => kind === 'poll')).toHaveLength(3);
});

describe('an outage', () => {
  const outage =
    (until: number, outcome: 'failed' | 'unreachable'): Upstream =>
    (_call, _inFlight, nowMs) =>
      nowMs < until ? { tookMs: 5, outcome } : { tookMs: 50, outcome: 'answered' };

  it.each(['failed', 'unreachable'] as const)(
    'that ends is followed by a ramp, and nobody who can wait fails (%s)',
    (outcome) => {
      const simulation = new Simulation(outage(5000, outcome));
      for (let caller = 0; caller < 20; caller += 1) stream(simulation, `good-${caller}`, 40, 5000);
      const backMs = 8000;
      for (let caller = 0; caller < 20; caller += 1)
        for (let item = 0; item < 25; item += 1) simulation.call({ token: `good-${caller}`, atMs: backMs });
      const inFlightAt: number[] = [];
      for (const ms of [0, 51, 101, 151])
        simulation.at(backMs + ms + 0.5, () => inFlightAt.push(simulation.queue.inFlight));
      simulation.run();
      const during = simulation.ended.filter(({ atMs }) => atMs < 5000);
      // Next to none of the calls are sent while the circuit is open.
      expect(during.filter(({ result }) => result === 'failed').length).toBeLessThan(200);
      expect(inFlightAt).toEqual([1, 2, 4, 8]);
      const after = simulation.ended.filter(({ atMs }) => atMs >= backMs);
      expect(after).toHaveLength(500);
      expect(notAnswered(after)).toEqual([]);
    },
  );

  it('of one caller’s logs opens that caller’s circuit alone', () => {
    const simulation = new Simulation(failing);
    stream(simulation, 'bad', 10, 3000);
    simulation.call({ token: 'good', atMs: 2999 });
    simulation.run();
    expect(simulation.of('good')).toMatchObject([{ result: 'answered' }]);
    expect(simulation.of('bad').filter(({ result }) => result === 'circuit').length).toBeGreaterThan(200);
  });

  it('that concerns all callers opens the circuit for a caller who comes anew', () => {
    const simulation = new Simulation(() => ({ tookMs: 5, outcome: 'failed' }));
    for (let caller = 0; caller < 20; caller += 1) stream(simulation, `one-${caller}`, 100 + caller, 1000);
    simulation.call({ token: 'new', atMs: 999 });
    simulation.run();
    expect(simulation.of('new')).toMatchObject([{ result: 'circuit' }]);
  });
});

const seeds = process.env.QUEUE_SEED
  ? [Number(process.env.QUEUE_SEED)]
  : Array.from({ length: 8 }, (_, index) => index + 1);

describe('thousands of callers', () => {
  it.each(seeds)(
    'are served fairly, whatever a few of them do (seed %i)',
    (seed) => {
      const random = seeded(seed);
      const hostile = 1 + Math.floor(random() * 5);
      const upstream: Upstream = ({ token }) => {
        if (!token.startsWith('bad')) return { tookMs: 30 + random() * 60, outcome: 'answered' };
        const roll = random();
        if (roll < 0.4) return { tookMs: 5000, outcome: 'failed' };
        return roll < 0.7 ? { tookMs: 10, outcome: 'failed' } : { tookMs: 40, outcome: 'answered' };
      };
      const simulation = new Simulation(upstream);
      for (let caller = 0; caller < 3000; caller += 1) {
        for (let call = 0; call < 4; call += 1) {
          const priority = random() < 0.2 ? 'poll' : 'interactive';
          simulation.call({ token: `good-${caller}`, atMs: random() * 10_000, priority });
        }
      }
      for (let caller = 0; caller < hostile; caller += 1) {
        for (let call = 0; call < 5000; call += 1) simulation.call({ token: `bad-${caller}`, atMs: random() * 10_000 });
      }
      simulation.run();
      const good = simulation.ended.filter(isGood);
      expect(good).toHaveLength(12_000);
      expect(notAnswered(good)).toEqual([]);
      expect(p95(good)).toBeLessThan(300);
      expect(simulation.queue.inFlight).toBe(0);
      expect(simulation.queue.waiting).toBe(0);
      expect(simulation.ended).toHaveLength(12_000 + hostile * 5000);
    },
    150_000,
  );
});
