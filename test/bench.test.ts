/** The benchmark's pure parts: what is made of its figures. Nothing is timed here, and no peer is needed. */
import { parse, print, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createViberLogSchema } from '../src/graphql/schema.ts';
import { verdictOn } from './bench/against.ts';
import { itemOf, itemsIn } from './bench/answers.ts';
import { chartOf } from './bench/chart.ts';
import { estimateOf } from './bench/comparison.ts';
import { goalsOf } from './bench/goals.ts';
import { optionTable, readOptions } from './bench/options.ts';
import { askPage, bodyFor } from './bench/questions.ts';
import { ablationTableOf, reportOf } from './bench/report.ts';
import { type Figures, median, type Results, ratioOf } from './bench/results.ts';
import { strangeDocument } from './bench/strange-documents.ts';
import { contendersOf } from './bench/workloads.ts';
import { documentAt } from './readme.ts';

const figures = (cpuMs: number, peakMb = 100): Figures => ({
  cpuMs,
  peakMb,
  requestsPerSecond: 1000,
  p50Ms: 1,
  p99Ms: 2,
  callsPerRequest: 1,
});

const latencies = (p99Ms: number) => ({ p50Ms: 1, p99Ms, latenessP99Ms: 0 });

/** A machine that was three times as slow in the second round, and a gateway that costs half as much more than raw-map. */
const run: Results = {
  machine: 'a machine',
  node: 'v24',
  date: '2026-11-24',
  seconds: 2,
  rounds: 1,
  turns: 3,
  workloads: {
    one: {
      'raw-map': [figures(1), figures(3), figures(1)],
      gateway: [figures(1.5), figures(4.5), figures(1.5)],
      mercurius: [figures(2, 120), figures(6, 90), figures(2, 110)],
    },
  },
  start: { 'raw-map': [{ cpuMs: 100, wallMs: 110, peakMb: 80 }], gateway: [{ cpuMs: 50, wallMs: 60, peakMb: 90 }] },
};

describe('ratios', () => {
  it('are taken within each round, and of those the median', () => {
    const drifting = { a: [{ cpuMs: 2 }, { cpuMs: 20 }, { cpuMs: 9 }], b: [{ cpuMs: 1 }, { cpuMs: 10 }, { cpuMs: 3 }] };
    expect(ratioOf(drifting, 'cpuMs', 'a', 'b')).toBe(2);
  });

  it('are none where the two did not run side by side', () => {
    expect(ratioOf({ a: [{ cpuMs: 1 }] }, 'cpuMs', 'a', 'b')).toBeNull();
    expect(ratioOf({ a: [{ cpuMs: 1 }], b: [{ cpuMs: 1 }, { cpuMs: 2 }] }, 'cpuMs', 'a', 'b')).toBeNull();
  });

  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
    [[7], 7],
  ])('stand on a median: of %j it is %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });
});

describe('comparisons of two gateways', () => {
  it('take the geometric mean, so that who was started first does not matter, and its standard error', () => {
    const { ratio, error } = estimateOf([1.1, 1.1, 1 / 1.1, 1 / 1.1]);
    expect(ratio).toBeCloseTo(1);
    // Each is ln 1.1 from the mean; of four, divided by the root of three.
    expect(error).toBeCloseTo(Math.log(1.1) / Math.sqrt(3));
    expect(estimateOf([1.25, 0.8]).ratio).toBeCloseTo(1);
    expect(estimateOf([1.5])).toEqual({ ratio: expect.closeTo(1.5), error: null });
  });

  it('fail where a workload costs more than a twentieth more', () => {
    const comparison = (workload: string, ratio: number) => ({
      ...{ workload, contender: 'gateway', other: 'before' },
      ratios: [ratio * 1.02, ratio / 1.02],
    });
    const good = verdictOn([comparison('one', 0.9), comparison('page', 1.04)], 'abc');
    expect(good.isGood).toBe(true);
    expect(good.text).toContain('| page | 1.040 × | ± 2.0 % | yes |');
    const bad = verdictOn([comparison('one', 1.06), comparison('page', 0.9)], 'abc');
    expect(bad.isGood).toBe(false);
    expect(bad.text).toContain('| one | 1.060 × | ± 2.0 % | no |');
    expect(verdictOn([{ ...comparison('one', 1), ratios: [Number.NaN] }], 'abc').isGood).toBe(false);
  });

  it('have a row for each part and a column for each workload', () => {
    const of = (workload: string, contender: string, ...ratios: number[]) => ({
      ...{ workload, contender, other: 'gateway', ratios },
    });
    const all = [of('one', 'without-metrics', 1, 1), of('one', 'with-traces', 2), of('page', 'with-traces', 3)];
    expect(ablationTableOf({ ...run, rounds: 2, turns: 4 }, all).split('\n')).toEqual([
      'a machine, Node v24, 2026-11-24; both at the same time on one core, 2 rounds of two starts of 4 turns of 2 s.',
      '',
      '**CPU time a request without a part, in times of the whole gateway**',
      '',
      '| without | one | page |',
      '| --- | --: | --: |',
      '| metrics | 1.00 × ± 0.0 % |  |',
      '| nothing, and with traces of all operations | 2.00 × | 3.00 × |',
    ]);
  });
});

it('takes the attack’s ratio within each turn', () => {
  const turns = [
    { alone: latencies(2), beside: latencies(3), peakMbBefore: 100, peakMbAfter: 110 },
    { alone: latencies(20), beside: latencies(30), peakMbBefore: 110, peakMbAfter: 115 },
    { alone: latencies(2), beside: latencies(50), peakMbBefore: 115, peakMbAfter: 116 },
  ];
  const attack = [{ documentsPerMinute: 10_000, timesEach: 1, normalPerSecond: 500, seconds: 60, turns }];
  const name = 'p99 beside strange documents, each 1 ×, of p99 alone';
  expect(goalsOf({ ...run, workloads: {}, attack })).toEqual([{ name, bound: 2, reached: 1.5 }]);
  expect(reportOf({ ...run, workloads: {}, attack })).toContain('| 1.50 × | 0.00 ms | 100, 110, 115, 116 |');
});

it('says of each goal whether it was reached, and of none that was not measured', () => {
  expect(goalsOf(run)).toEqual([
    { name: 'CPU of one, of raw-map', bound: 1.1, reached: 1.5 },
    { name: 'peak memory of one, of mercurius', bound: 1, reached: 100 / 110 },
  ]);
  expect(reportOf(run)).toContain('| CPU of one, of raw-map | ≤ 1.10 × | 1.50 × | no |');
});

it('compares workloads with each other, and holds throughput to the least, and followers to absolute figures', () => {
  const results: Results = {
    ...run,
    workloads: {
      slow: { raw: [figures(2)], gateway: [{ ...figures(2), requestsPerSecond: 960 }] },
      summary: { gateway: [figures(1)], 'raw-map@large': [figures(4)] },
    },
    live: [
      {
        ...{ transport: 'sse', followers: 10, logs: 1, rssBytes: 20_480, heapBytes: 1 },
        turns: [{ cpuMs: 0.008, eventsPerSecond: 10 }],
      },
    ],
  };
  const report = reportOf(results);
  for (const row of [
    '| requests/s of slow, of raw | ≥ 0.97 × | 0.96 × | no |',
    '| CPU of summary, of raw-map@large | ≤ 0.30 × | 0.25 × | yes |',
    '| live, sse: CPU an event | ≤ 10.00 µs | 8.00 µs | yes |',
    '| live, sse: memory a follower | ≤ 16.00 KB | 20.00 KB | no |',
  ]) {
    expect(report).toContain(row);
  }
  // Whoever is asked another workload's questions stands in that one table only.
  expect(report).not.toContain('| raw-map@large | | ');
  expect(chartOf(results)).not.toContain('@large');
});

it('asks a contender under another workload only where it was chosen', () => {
  expect(contendersOf('entities', ['raw', 'gateway', 'mercurius', 'apollo-subgraph'])).toEqual([
    ...['raw', 'gateway', 'apollo-subgraph', 'gateway@page'],
  ]);
  expect(contendersOf('summary', ['raw', 'gateway'])).toEqual(['raw', 'gateway', 'raw@large']);
  expect(contendersOf('start', ['gateway', 'apollo-subgraph'])).toEqual(['gateway']);
});

it('opens its report with one table of all contenders and workloads', () => {
  expect(reportOf(run).split('\n').slice(2, 9)).toEqual([
    '**CPU time a request, in times of raw-map**',
    '',
    '| contender | one | start |',
    '| --- | --: | --: |',
    '| raw-map | 1.00 × (1,000 µs) | 1.00 × (100 ms) |',
    '| gateway | 1.50 × (1,500 µs) | 0.50 × (50,000 µs) |',
    '| mercurius | 2.00 × (2,000 µs) |  |',
  ]);
});

it('draws well-formed XML with a bar for each contender and workload', () => {
  const chart = chartOf(run);
  expect(unclosedTags(chart)).toEqual([]);
  const bars = [
    ...chart.matchAll(/<g class="(?:gateway|other)"><text[^>]*>([^<]+)<\/text><rect[^>]*\/><text[^>]*>([^<]+)</g),
  ];
  expect(bars.map(([, contender, ratio]) => [contender, ratio])).toEqual([
    ['raw-map', '1.00'],
    ['gateway', '1.50'],
    ['mercurius', '2.00'],
    ['raw-map', '1.00'],
    ['gateway', '0.50'],
  ]);
});

it('sends strange documents that are valid, and no two alike', () => {
  const { schema } = createViberLogSchema();
  const documents = Array.from({ length: 500 }, (_, index) => parse(strangeDocument(index)));
  expect(documents.flatMap((document) => validate(schema, document))).toEqual([]);
  const withoutNumbers = documents.map((document) => print(document).replaceAll(/\d+/g, ''));
  expect(new Set(withoutNumbers).size).toBeGreaterThan(400);
});

it('holds Hive Gateway, which speaks D7’s names, to the same answer', () => {
  const question = askPage(['recipients-1-a', 'missing']);
  const log = { request_id: 'recipients-1-a', total_recipients: 1, channel: 'viber', messages: [{ status: 'sent' }] };
  const none = { detail: { code: 'NONE', message: 'none' } };
  const expected = [itemOf('recipients-1-a', log), itemOf('missing', none)];
  expect(itemsIn('hive-gateway', question, JSON.stringify({ data: { log0: log, log1: none } }))).toEqual(expected);
  expect(itemsIn('gateway', question, JSON.stringify({ data: { viberLogs: expected } }))).toEqual(expected);
  expect(JSON.parse(bodyFor('hive-gateway', question)).variables).toEqual({ id0: 'recipients-1-a', id1: 'missing' });
});

describe('options', () => {
  it('are those that its README names', () => {
    const commands = [...documentAt('test/bench/README.md').matchAll(/npm run bench -- ([^`\n]+)/g)].map(
      ([, flags]) => flags as string,
    );
    // After a space: what follows an = is an option's value, and may be an option of Node.
    const named = commands.flatMap((flags) =>
      [...flags.matchAll(/(?:^| )--([a-z-]+)/g)].map(([, name]) => name as string),
    );
    expect(named).toContain('quick');
    expect(named.filter((name) => !(name in optionTable))).toEqual([]);
  });

  it('choose, and name what is not known', () => {
    expect(readOptions(['--only', 'gateway,raw', '--workloads', 'page'])).toMatchObject({
      contenders: ['raw', 'gateway'],
      workloads: ['page'],
      out: 'partial/',
    });
    expect(readOptions([])).toMatchObject({ load: 'node', out: './' });
    expect(readOptions(['--load', 'wrk'])).toMatchObject({ load: 'wrk', out: 'wrk/' });
    expect(readOptions(['--load', 'wrk', '--turns', '1'])).toMatchObject({ load: 'wrk', out: 'partial/' });
    const before = { contender: 'gateway', other: 'before' };
    expect(readOptions(['--against', 'abc'])).toMatchObject({ pairs: [before], contenders: [], rounds: 3 });
    expect(readOptions(['--ablations'])).toMatchObject({ out: './', rounds: 2 });
    expect(readOptions(['--ablations', '--only', 'with-traces'])).toMatchObject({
      pairs: [{ contender: 'with-traces', other: 'gateway' }],
      out: 'partial/',
    });
    expect(() => readOptions(['--ablations', '--only', 'raw'])).toThrow('Not known: raw.');
    expect(() => readOptions(['--load', 'ab'])).toThrow('Not known: ab. There are: node, wrk.');
    expect(() => readOptions(['--only', 'gatway'])).toThrow('Not known: gatway.');
    expect(() => readOptions(['--rounds', 'none'])).toThrow('Not a number above 0: none');
  });
});

it('keeps download addresses out of the lockfile', () => {
  expect(documentAt('test/bench/package-lock.json')).not.toContain('"resolved"');
});

/** A stack of what is open; for XML without comments and character data sections, as the chart is. */
function unclosedTags(xml: string): string[] {
  const tag = /<(\/?)([a-z]+)(?:\s[a-zA-Z0-9-]+="[^"<&]*")*(\/?)>/g;
  const open: string[] = [];
  for (const [text, slash, name = '', self] of xml.matchAll(tag)) {
    if (slash && open.pop() !== name) throw new Error(`Not expected here: ${text}`);
    if (!slash && !self) open.push(name);
  }
  expect(xml.replaceAll(tag, '')).not.toMatch(/[<&]/);
  return open;
}

it('has the report and the chart that the last full run wrote', () => {
  const results = JSON.parse(documentAt('test/bench/results.json')) as Results;
  expect(documentAt('test/bench/report.md')).toBe(`${reportOf(results)}\n`);
  expect(documentAt('test/bench/chart.svg')).toBe(chartOf(results));
});
