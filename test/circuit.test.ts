/** When a circuit opens, which calls it lets probe, and when it closes again. */
import { describe, expect, it } from 'vitest';
import { Circuit, type Evidence } from '../src/d7/circuit.ts';

const config = { failureRatio: 0.5, minCalls: 4, openMs: 1000 };
const evidenceOf: Readonly<Record<string, Evidence>> = { s: 'success', f: 'failure', '-': 'none' };

/** One call after another, each with the evidence of its letter. */
function run(circuit: Circuit, letters: string, nowMs = 0): Circuit {
  for (const letter of letters) circuit.end(circuit.begin(), evidenceOf[letter] as Evidence, nowMs);
  return circuit;
}

const opened = () => run(new Circuit(config), 'ffff');

describe('a closed circuit', () => {
  it.each([
    ['stays closed at first', '', 'pass'],
    ['stays closed with too few calls', 'fff', 'pass'],
    ['opens where enough calls failed', 'ffff', 'reject'],
    ['opens at its threshold', 'ssff', 'reject'],
    ['stays closed below its threshold', 'sssff', 'pass'],
    ['opens with a failure only', 'fffs', 'pass'],
    ['does not count calls that were aborted', '---fff', 'pass'],
    ['counts the calls of its window, before the first failure', `${'s'.repeat(100)}${'f'.repeat(9)}`, 'pass'],
    ['opens where half of its window failed', `${'s'.repeat(100)}${'f'.repeat(10)}`, 'reject'],
    ['counts the calls of its window, after the first failure', `f${'s'.repeat(100)}${'f'.repeat(9)}`, 'pass'],
    [
      'opens where half of its window failed, after the first failure',
      `f${'s'.repeat(100)}${'f'.repeat(10)}`,
      'reject',
    ],
    ['stays closed where a third failed for long', 'ssf'.repeat(100), 'pass'],
  ])('%s', (_what, letters, verdict) => {
    const circuit = run(new Circuit(config), letters);
    expect(circuit.verdict(0)).toBe(verdict);
    expect(circuit.isClosed).toBe(verdict === 'pass');
  });

  it.each(['f', 'sssf', `${'s'.repeat(20)}f`, `ff${'s'.repeat(30)}f`])(
    'is healthy again when the failure of %s has left its window of 20 calls',
    (letters) => {
      const circuit = run(new Circuit(config), letters);
      expect(circuit.isHealthy).toBe(false);
      expect(run(circuit, 's'.repeat(19)).isHealthy).toBe(false);
      expect(run(circuit, 's').isHealthy).toBe(true);
    },
  );

  it('is healthy without a failure', () => {
    expect(run(new Circuit(config), 'sss---').isHealthy).toBe(true);
  });

  it('forgets its failures when it is closed anew', () => {
    const circuit = run(new Circuit(config), 'fff');
    circuit.close();
    expect(circuit.isHealthy).toBe(true);
    expect(run(circuit, 'fff').isClosed).toBe(true);
    expect(run(circuit, 'f').isClosed).toBe(false);
    circuit.close();
    expect(run(circuit, `${'s'.repeat(100)}${'f'.repeat(9)}`).isClosed).toBe(true);
    expect(run(circuit, 'f').isClosed).toBe(false);
  });
});

describe('an open circuit', () => {
  it.each([
    [0, 'reject'],
    [999, 'reject'],
    [1000, 'pass'],
  ])('has at %i ms the verdict %s', (nowMs, verdict) => {
    expect(opened().verdict(nowMs)).toBe(verdict);
    const circuit = new Circuit(config);
    circuit.open(5000);
    expect(circuit.verdict(5000 + nowMs)).toBe(verdict);
    expect(circuit.isHealthy).toBe(false);
  });

  it('takes no notice of calls that began before it opened', () => {
    const circuit = new Circuit(config);
    const before = [circuit.begin(), circuit.begin()];
    circuit.open(0);
    circuit.end(before[0] as number, 'success', 1);
    expect(circuit.verdict(2)).toBe('reject');
    circuit.begin();
    circuit.end(before[1] as number, 'success', 1000);
    expect(circuit.verdict(1000)).toBe('wait');
  });
});

describe('a half-open circuit', () => {
  it.each([
    ['failure', 'reject'],
    ['none', 'pass'],
    ['success', 'pass'],
  ] as const)('after a probe that ended as %s: %s', (evidence, verdict) => {
    const circuit = opened();
    const period = circuit.begin();
    expect(circuit.verdict(1000)).toBe('wait');
    circuit.end(period, evidence, 1000);
    expect(circuit.verdict(1001)).toBe(verdict);
    expect(circuit.isClosed).toBe(false);
  });

  it.each([
    ['s', 2],
    ['-', 1],
    ['s-s', 3],
    ['ssssf', 5],
  ])('lets one call more pass with each success (%s)', (letters, inFlight) => {
    const circuit = run(opened(), letters, 1000);
    for (let call = 0; call < inFlight; call += 1) {
      expect(circuit.verdict(1000)).toBe('pass');
      circuit.begin();
    }
    expect(circuit.verdict(1000)).toBe('wait');
  });

  it.each([
    ['closes with enough successes', 's'.repeat(15), true],
    ['stays half-open with one less', 's'.repeat(14), false],
    ['stays half-open where some fail', 'sssfssfs', false],
    ['closes although some failed', `s${'sf'.repeat(3)}${'s'.repeat(11)}`, true],
  ])('%s', (_what, letters, isClosed) => {
    const circuit = run(opened(), letters, 1000);
    expect(circuit.isClosed).toBe(isClosed);
    expect(circuit.verdict(1000)).toBe('pass');
    expect(circuit.isHealthy).toBe(isClosed);
  });

  it.each(['ssff', 'f', 'sf', 'sssfff'])('opens for its whole time where too many fail (%s)', (letters) => {
    const circuit = run(opened(), letters, 1500);
    expect(circuit.verdict(2499)).toBe('reject');
    expect(circuit.verdict(2500)).toBe('pass');
  });

  it('judges each period by its own calls', () => {
    const circuit = run(opened(), 'ssssffff', 1000);
    expect(circuit.verdict(1999)).toBe('reject');
    circuit.begin();
    expect(circuit.verdict(2000)).toBe('wait');
    run(opened(), 'f', 1000);
    const again = run(run(opened(), 'f', 1000), 's', 2000);
    expect(again.verdict(2000)).toBe('pass');
    expect(run(again, 's'.repeat(14), 2000).isClosed).toBe(true);
  });
});
