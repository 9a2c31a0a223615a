/** A run as Markdown: the one table, what was to be reached, and what stands behind both. */
import { ablations } from './ablations.ts';
import { type Comparison, estimateOf, tellError } from './comparison.ts';
import { type Goal, goalsOf, isReached } from './goals.ts';
import { attackTableOf, growthTablesOf, liveTableOf } from './report-growth.ts';
import {
  costsOf,
  type Figures,
  median,
  medians,
  type Origin,
  type Results,
  type Rounds,
  ratioOf,
  type StartFigures,
} from './results.ts';
import { partsOf } from './workloads.ts';

export function reportOf(results: Results): string {
  const costs = Object.keys(costsOf(results));
  return [
    headOf(results),
    ...(costs.length > 0 ? [summaryOf(results)] : []),
    goalTableOf(goalsOf(results)),
    ...Object.entries(results.workloads).map(([name, figures]) => workloadTableOf(name, figures)),
    ...(results.start ? [startTableOf(results.start)] : []),
    ...(results.growth ? growthTablesOf(results.growth) : []),
    ...(results.live ? [liveTableOf(results.live)] : []),
    ...(results.attack ? [attackTableOf(results.attack)] : []),
  ].join('\n\n');
}

/** What a request costs without each part, in times of the whole gateway: above 1 the part saves CPU time. */
export function ablationTableOf(origin: Origin, comparisons: readonly Comparison[]): string {
  const workloads = [...new Set(comparisons.map(({ workload }) => workload))];
  const names = [...new Set(comparisons.map(({ contender }) => contender))];
  const rows = names.map((name) => [
    ablations[name]?.without ?? name,
    ...workloads.map((workload) => {
      const ratios = comparisons.find((one) => one.contender === name && one.workload === workload)?.ratios;
      if (!ratios) return '';
      const { ratio, error } = estimateOf(ratios);
      return `${times(ratio)} ${tellError(error)}`.trim();
    }),
  ]);
  const { rounds, turns, seconds } = origin;
  return [
    `${originOf(origin)}; both at the same time on one core, ${rounds === 1 ? 'one round' : `${rounds} rounds`} of two starts of ${turns} turns of ${seconds} s.${loadOf(origin)}`,
    tableOf('CPU time a request without a part, in times of the whole gateway', ['without', ...workloads], rows),
  ].join('\n\n');
}

function headOf(origin: Origin): string {
  const { rounds, turns, seconds } = origin;
  return `${originOf(origin)}; medians of ${rounds * turns} turns of ${seconds} s.${loadOf(origin)}`;
}

function originOf({ machine, node, date }: Origin): string {
  return `${machine}, Node ${node}, ${date}`;
}

function loadOf({ load = 'node' }: Origin): string {
  return load === 'wrk' ? ' Load by wrk, upstream nginx.' : '';
}

/** The first column is left to words, all others are numbers. */
export function tableOf(title: string, heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [heads, ['---', ...heads.slice(1).map(() => '--:')], ...rows];
  return [`**${title}**`, '', ...lines.map((cells) => `| ${cells.join(' | ')} |`)].join('\n');
}

const times = (ratio: number | null) => (ratio === null ? '' : `${ratio.toFixed(2)} ×`);

function summaryOf(results: Results): string {
  const costs = costsOf(results);
  const contenders = [...new Set(Object.values(costs).flatMap((rounds) => Object.keys(rounds)))].filter(isUnderItsOwn);
  const rows = contenders.map((contender) => [
    contender,
    ...Object.values(costs).map((rounds) => {
      const measured = rounds[contender];
      if (measured === undefined) return '';
      return `${times(ratioOf(rounds, 'cpuMs', contender, 'raw-map'))} (${tellCpu(medians(measured).cpuMs)})`.trim();
    }),
  ]);
  return tableOf('CPU time a request, in times of raw-map', ['contender', ...Object.keys(costs)], rows);
}

/** The others stand in the table of the workload that they are compared with. */
const isUnderItsOwn = (contender: string) => partsOf(contender).asked === null;

export function tellCpu(cpuMs: number): string {
  if (cpuMs >= 100) return `${cpuMs.toFixed(0)} ms`;
  return `${Math.round(cpuMs * 1000).toLocaleString('en')} µs`;
}

function goalTableOf(goals: readonly Goal[]): string {
  const rows = goals.map((goal) => {
    const { name, bound, isLeast, unit = '×', reached } = goal;
    const bounds = `${isLeast ? '≥' : '≤'} ${bound.toFixed(2)} ${unit}`;
    return [name, bounds, `${reached.toFixed(2)} ${unit}`, isReached(goal) ? 'yes' : 'no'];
  });
  return tableOf('What the gateway is held to', ['figure', 'goal', 'measured', 'reached'], rows);
}

function workloadTableOf(name: string, rounds: Rounds<Figures>): string {
  const figures = [
    'CPU a request',
    'of raw-map',
    'of raw',
    'requests/s',
    'core busy',
    'p50 ms',
    'p99 ms',
    'peak memory',
  ];
  const rows = Object.entries(rounds).map(([contender, measured]) => {
    const middle = medians(measured);
    return [
      contender,
      tellCpu(middle.cpuMs),
      times(ratioOf(rounds, 'cpuMs', contender, 'raw-map')),
      times(ratioOf(rounds, 'cpuMs', contender, 'raw')),
      middle.requestsPerSecond.toFixed(0),
      `${(100 * busyOf(measured)).toFixed(0)} %`,
      middle.p50Ms.toFixed(1),
      middle.p99Ms.toFixed(1),
      `${middle.peakMb.toFixed(0)} MB`,
      middle.callsPerRequest.toFixed(2),
    ];
  });
  return tableOf(name, ['contender', ...figures, 'calls a request'], rows);
}

/** Which part of its core a contender took: where it is far from all, the load or the upstream is what is measured. */
function busyOf(measured: readonly Figures[]): number {
  return median(measured.map(({ cpuMs, requestsPerSecond }) => (cpuMs / 1000) * requestsPerSecond));
}

function startTableOf(rounds: Rounds<StartFigures>): string {
  const rows = Object.entries(rounds).map(([contender, measured]) => {
    const { cpuMs, wallMs, peakMb } = medians(measured);
    const ratio = times(ratioOf(rounds, 'wallMs', contender, 'raw-map'));
    return [contender, `${wallMs.toFixed(0)} ms`, ratio, `${cpuMs.toFixed(0)} ms`, `${peakMb.toFixed(0)} MB`];
  });
  return tableOf('start to first answer', ['contender', 'time', 'of raw-map', 'CPU', 'peak memory'], rows);
}
