/**
 * What a walk over the rows of a large log costs: to scan it, to sum it up by the layout that the scan has found, and by no layout;
 * beside JSON.parse. CPU time, the least of many runs: `node test/bench/rows.ts`.
 */
import { decodeViberLog } from '../../src/d7/log/decoder.ts';
import { MessageList } from '../../src/d7/log/message-list.ts';
import { summaryOf } from '../../src/graphql/views/summary.ts';
import { logOf } from '../../src/sandbox/logs.ts';

const rows = 10_000;
const runs = 100;
const body = Buffer.from(JSON.stringify(logOf('a', rows)));

const parts: Record<string, () => () => void> = {
  'JSON.parse': () => () => JSON.parse(body.toString()),
  scan: () => () => decodeViberLog(body, 'a', () => {}),
  'summary, by layout': () => summing(decodeViberLog(body, 'a', () => {})),
  'summary, without': () => {
    const log = decodeViberLog(body, 'a', () => {});
    const { list, count, areFinal } = log.messages;
    const place = { start: 0, end: list.length, count, areFinal, layout: null };
    return summing({ ...log, messages: new MessageList('a', list, place) });
  },
};

function summing(log: Parameters<typeof summaryOf>[0]): () => void {
  const summary = summaryOf(log, null);
  return () => {
    while (!summary.advance());
  };
}

const least = new Map<string, number>();
for (let run = 0; run < runs; run += 1) {
  for (const [name, prepare] of Object.entries(parts)) {
    const work = prepare();
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    least.set(name, Math.min(least.get(name) ?? Number.POSITIVE_INFINITY, user + system));
  }
}
console.log(`${rows} rows, ${body.length} bytes, Node ${process.version}`);
for (const [name, microseconds] of least) console.log(`${name}: ${(microseconds / 1000).toFixed(2)} ms`);
