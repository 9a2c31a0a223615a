/** The table of a run, as Markdown. */
import type { Figures, Results } from './run.ts';

export function report(results: Results): string {
  const { machine, node, date, seconds, rounds } = results;
  const tables = Object.entries(results.workloads).map(([name, figures]) => tableOf(name, figures));
  return [`${machine}, Node ${node}, ${date}; medians of ${rounds} rounds of ${seconds} s.`, ...tables].join('\n\n');
}

function tableOf(name: string, figures: Record<string, Figures>): string {
  const ratio = (value: number, base: number | undefined) => (base ? `${(value / base).toFixed(2)} ×` : '');
  const rows = Object.entries(figures).map(([contender, one]) =>
    [
      contender,
      `${(one.cpuMs * 1000).toFixed(0)} µs`,
      ratio(one.cpuMs, figures['raw-map']?.cpuMs),
      ratio(one.cpuMs, figures.raw?.cpuMs),
      one.requestsPerSecond.toFixed(0),
      one.p50Ms.toFixed(1),
      one.p99Ms.toFixed(1),
      `${one.peakMb.toFixed(0)} MB`,
      one.callsPerRequest.toFixed(2),
    ].join(' | '),
  );
  return [
    `**${name}**`,
    '',
    '| contender | CPU a request | of raw-map | of raw | requests/s | p50 ms | p99 ms | peak memory | calls a request |',
    '| --- | --: | --: | --: | --: | --: | --: | --: | --: |',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n');
}
