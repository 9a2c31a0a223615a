/** The fairness measurement's pure parts: its goals, its options and its report. Nothing is measured here. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { optionTable, readOptions } from './fairness/options.ts';
import { reportOf } from './fairness/report.ts';
import { type AllAtOnce, goalsOf, type Results, type Row } from './fairness/results.ts';

const fileIn = (name: string) => readFileSync(new URL(`fairness/${name}`, import.meta.url), 'utf8');
const origin = { machine: 'a machine', node: 'v24', date: '2026-11-25', commit: 'abc', seconds: 300 };
const others = { operations: 100, failed: 0, results: { ok: 100 }, aloneP95Ms: 50, besideP95Ms: 150 };
const row: Row = { row: '8', noise: 'a crowd', others, noisy: { OVERLOADED: 3 }, peakMb: 512, hasLatencyGoal: true };
const allAtOnce: AllAtOnce = { ...row, row: 'all', noises: {}, secondMinuteMb: 200, lastMinuteMb: 220 };
const throughput = { told: 'one caller', failed: 0, gatewayPerSecond: [9, 90, 9], rawPerSecond: [10, 100, 10] };

const missed = (results: Results) =>
  goalsOf(results)
    .filter(({ isReached }) => !isReached)
    .map(({ name }) => name);
const ofRow = (change: Partial<Row>): Results => ({
  rows: { ...origin, rows: [{ ...row, ...change }], throughputs: [] },
});
const ofAll = (change: Partial<AllAtOnce>): Results => ({ allAtOnce: { ...origin, ...allAtOnce, ...change } });
const ofLoad = (change: Partial<typeof throughput>): Results => ({
  rows: { ...origin, rows: [], throughputs: [{ ...throughput, ...change }] },
});

describe('the goals of fairness', () => {
  it.each<[string, Results, string[]]>([
    ['every figure is at its limit', { ...ofRow({}), ...ofAll({}) }, []],
    ['an operation fails', ofRow({ others: { ...others, failed: 1 } }), ['8: others’ failures']],
    ['the others wait', ofRow({ others: { ...others, besideP95Ms: 151 } }), ['8: others’ p95, of p95 alone']],
    [
      'the others wait where that has no goal',
      ofRow({ others: { ...others, besideP95Ms: 151 }, hasLatencyGoal: false }),
      [],
    ],
    ['nothing succeeds', ofRow({ others: { ...others, besideP95Ms: 0 } }), ['8: others’ p95, of p95 alone']],
    ['memory is high', ofRow({ peakMb: 513 }), ['8: peak memory']],
    ['memory grows', ofAll({ lastMinuteMb: 221 }), ['all: memory of the last minute, of the second']],
    ['throughput is at its limit', ofLoad({}), []],
    ['throughput is low', ofLoad({ gatewayPerSecond: [8, 90, 8] }), ['10, one caller: responses/s, of raw']],
    ['a response of the load is wrong', ofLoad({ failed: 1 }), ['10, one caller: failures']],
  ])('name what is missed when %s', (_case, results, expected) => {
    expect(missed(results)).toEqual(expected);
  });
});

describe('options of the fairness measurement', () => {
  it('are those that its README names', () => {
    const commands = fileIn('README.md').matchAll(/npm run fairness -- ([^`\n]+)/g);
    const named = [...commands].flatMap(([, flags = '']) =>
      [...flags.matchAll(/--([a-z-]+)/g)].map(([, name]) => name),
    );
    expect([...new Set(named)].toSorted()).toEqual(Object.keys(optionTable).toSorted());
  });

  it('write the report of a full run of this tree and of no other', () => {
    const writes = (...args: string[]) => readOptions(args).writes;
    expect([writes(), writes('--all-at-once'), writes('--seconds', '20'), writes('--check')]).toEqual(
      Array(4).fill(true),
    );
    expect([writes('--only', '8'), writes('--seconds', '5'), writes('--gateway', '.')]).toEqual(Array(3).fill(false));
    expect(() => readOptions(['--only', '7'])).toThrow('Not known: 7.');
    expect(() => readOptions(['--seconds', 'none'])).toThrow('Not a number above 0: none');
  });
});

it('has the report that the last full run wrote', () => {
  const results = JSON.parse(fileIn('results.json')) as Results;
  expect(fileIn('report.md')).toBe(`${reportOf(results)}\n`);
});
