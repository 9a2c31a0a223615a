/** A run as Markdown, for report.md. */
import { tableOf } from '../bench/report.ts';
import { median } from '../bench/results.ts';
import { goalsOf, latencyRatio, type Origin, type Results, type Row, throughputRatio, times } from './results.ts';
import type { Counts } from './tally.ts';

export function reportOf(results: Results): string {
  return ['# Fairness', ...measuredTablesOf(results), noisyTableOf(results), goalTableOf(results)]
    .filter(Boolean)
    .join('\n\n');
}

function measuredTablesOf({ rows, allAtOnce }: Results): string[] {
  const parts: string[] = [];
  if (rows) {
    parts.push(rowTableOf(`Other callers beside noise, ${originOf(rows)}`, rows.rows));
    const throughputs = rows.throughputs.map((turns) => [
      turns.told,
      median(turns.gatewayPerSecond).toFixed(0),
      median(turns.rawPerSecond).toFixed(0),
      times(throughputRatio(turns)),
    ]);
    parts.push(tableOf('10: D7 at 50 ms', ['load', 'gateway, responses/s', 'raw, responses/s', 'of raw'], throughputs));
  }
  if (allAtOnce) {
    parts.push(rowTableOf(`All of it at once for ${allAtOnce.seconds} s, ${originOf(allAtOnce)}`, [allAtOnce]));
    const { secondMinuteMb, lastMinuteMb } = allAtOnce;
    parts.push(
      `Memory in the second minute: ${secondMinuteMb.toFixed(0)} MB; in the last: ${lastMinuteMb.toFixed(0)} MB.`,
    );
  }
  return parts;
}

const rowHeads = ['no.', 'noise', 'others’ failures', 'p95 alone', 'p95 beside it', 'of alone', 'peak memory'];

function rowTableOf(title: string, rows: readonly Row[]): string {
  const cells = rows.map(({ row, noise, others, peakMb }) => [
    row,
    noise,
    `${others.failed} of ${others.operations}`,
    `${others.aloneP95Ms.toFixed(0)} ms`,
    `${others.besideP95Ms.toFixed(0)} ms`,
    times(latencyRatio(others)),
    `${peakMb.toFixed(0)} MB`,
  ]);
  return tableOf(title, rowHeads, cells);
}

function noisyTableOf({ rows, allAtOnce }: Results): string {
  const cells = (rows?.rows ?? []).map(({ row, noise, noisy, others }) => [
    row,
    noise,
    toldOf(noisy),
    toldOf(others.results),
  ]);
  const atOnce = Object.entries(allAtOnce?.noises ?? {}).map(([noise, counts]) => ['all', noise, toldOf(counts), '']);
  if (allAtOnce) atOnce.push(['all', 'the others', '', toldOf(allAtOnce.others.results)]);
  return tableOf('Results by code, one for each id', ['no.', 'noise', 'noisy caller', 'others'], [...cells, ...atOnce]);
}

function goalTableOf(results: Results): string {
  const rows = goalsOf(results).map(({ name, goal, measured, isReached }) => [
    name,
    goal,
    measured,
    isReached ? 'yes' : 'no',
  ]);
  return tableOf('Goals', ['figure', 'goal', 'measured', 'reached'], rows);
}

function originOf({ machine, node, date, commit }: Origin): string {
  return `${machine}, Node ${node}, ${date}, commit ${commit}`;
}

function toldOf(counts: Counts): string {
  return Object.entries(counts)
    .toSorted(([, a], [, b]) => b - a)
    .map(([result, count]) => `${count} ${result}`)
    .join(', ');
}
