/**
 * What one caller can do to the others: `npm run fairness`. Each row runs on a gateway and an upstream of its own, first without
 * the noise and then with it. See options.ts for what a run can be told, and README.md for how it is read.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { measureAllAtOnce } from './all-at-once.ts';
import { type RunOptions, readOptions } from './options.ts';
import { reportOf } from './report.ts';
import { goalsOf, type Origin, type Results, type Row, type Throughput, throughputRatio, times } from './results.ts';
import { scenarios } from './scenarios.ts';
import { measureThroughput } from './throughput.ts';

const resultsFile = new URL('results.json', import.meta.url);

await main();

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const results: Results = options.allAtOnce
    ? {
        allAtOnce: {
          ...originOf(options),
          ...(await measureAllAtOnce(options.gateway, options.seconds, console.error)),
        },
      }
    : { rows: { ...originOf(options), ...(await measureRows(options)) } };
  console.log(reportOf(results));
  if (options.writes) write(results);
  if (options.check && goalsOf(results).some(({ isReached }) => !isReached)) process.exitCode = 1;
}

async function measureRows({
  only,
  gateway,
  seconds,
}: RunOptions): Promise<{ rows: Row[]; throughputs: Throughput[] }> {
  const rows: Row[] = [];
  const throughputs: Throughput[] = [];
  for (const { row, measure } of scenarios) {
    if (only && !only.includes(row)) continue;
    const measured = await measure(gateway, seconds);
    rows.push(measured);
    const { failed, operations, aloneP95Ms, besideP95Ms } = measured.others;
    const p95 = `p95 ${aloneP95Ms.toFixed(0)} ms alone, ${besideP95Ms.toFixed(0)} ms beside it`;
    console.error(
      `${row}, ${measured.noise}: ${failed} of ${operations} failed; ${p95}; ${measured.peakMb.toFixed(0)} MB`,
    );
  }
  for (const callers of only && !only.includes('10') ? [] : ([1, 256] as const)) {
    const measured = await measureThroughput(gateway, seconds / 4, callers);
    throughputs.push(measured);
    console.error(`10, ${measured.told}: ${times(throughputRatio(measured))} of raw, ${measured.failed} failed`);
  }
  return { rows, throughputs };
}

function originOf({ gateway, seconds }: RunOptions): Origin {
  const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores`;
  return {
    machine,
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
    commit: commitOf(gateway),
    seconds,
  };
}

function commitOf(root: string): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}

/** A run measures either the rows or all at once: what it has not measured stays as it was. */
function write(results: Results): void {
  const before: Results = existsSync(resultsFile) ? JSON.parse(readFileSync(resultsFile, 'utf8')) : {};
  const all = { ...before, ...results };
  writeFileSync(resultsFile, `${JSON.stringify(all, null, 2)}\n`);
  writeFileSync(new URL('report.md', import.meta.url), `${reportOf(all)}\n`);
}
