/** How the gateway grew, and how it stood the attack, as Markdown. */
import type { AttackFigures, AttackTurn } from './attack.ts';
import type { Growth } from './growth.ts';
import type { HalfLoad } from './half-load.ts';
import type { Live } from './live.ts';
import { tableOf } from './report.ts';
import { median, medians, type Rounds, ratioOf } from './results.ts';

export function growthTablesOf({ rows, halfLoad, idleSubscribers }: Growth): string[] {
  return [
    tableOf('CPU a row', ['recipients', 'gateway', 'raw-map', 'gateway of raw-map'], rowsOf(rows)),
    tableOf(
      'half load',
      ['', 'requests/s', 'core busy', 'load and upstream busy', 'p50 ms', 'p99 ms', 'p99 of p50'],
      Object.entries(halfLoad).flatMap(([contender, rounds]) => halfLoadRowsOf(contender, rounds)),
    ),
    tableOf(
      'idle subscribers',
      ['transport', 'subscribers', 'resident bytes each', 'heap bytes each'],
      idleSubscribers.map(({ transport, ownLogs, subscribers, rssBytes, heapBytes }) => [
        `${transport}, ${ownLogs ? 'each its own log' : 'all one log'}`,
        String(subscribers),
        rssBytes.toFixed(0),
        heapBytes.toFixed(0),
      ]),
    ),
  ];
}

function rowsOf(rows: Growth['rows']): string[][] {
  const { gateway = {}, 'raw-map': rawMap = {} } = rows;
  return Object.keys(gateway).map((count) => {
    const both: Rounds<{ cpuMs: number }> = { gateway: gateway[count] ?? [], rawMap: rawMap[count] ?? [] };
    const perRow = (name: string) => `${((medians(both[name] ?? []).cpuMs / Number(count)) * 1000).toFixed(2)} µs`;
    return [count, perRow('gateway'), perRow('rawMap'), `${ratioOf(both, 'cpuMs', 'gateway', 'rawMap')?.toFixed(2)} ×`];
  });
}

function halfLoadRowsOf(contender: string, rounds: readonly HalfLoad[]): string[][] {
  const middle = medians(rounds);
  const percent = (part: number) => `${(part * 100).toFixed(0)} %`;
  const ratio = (ratios: number[]) => `${median(ratios).toFixed(2)} ×`;
  const half = rounds.map(({ p50Ms, p99Ms }) => p99Ms / p50Ms);
  const instrument = rounds.map(({ instrumentP50Ms, instrumentP99Ms }) => instrumentP99Ms / instrumentP50Ms);
  const { capacityPerSecond, busyAtCapacity, othersBusyAtCapacity, ratePerSecond, busy } = middle;
  const { p50Ms, p99Ms, instrumentP50Ms, instrumentP99Ms } = middle;
  const rate = ratePerSecond.toFixed(0);
  return [
    [
      `${contender}, capacity`,
      capacityPerSecond.toFixed(0),
      percent(busyAtCapacity),
      percent(othersBusyAtCapacity),
      '',
      '',
      '',
    ],
    [
      `${contender}, half`,
      rate,
      percent(busy),
      percent(middle.othersBusy),
      p50Ms.toFixed(2),
      p99Ms.toFixed(2),
      ratio(half),
    ],
    [
      `the upstream alone, asked as ${contender}`,
      rate,
      '',
      '',
      instrumentP50Ms.toFixed(2),
      instrumentP99Ms.toFixed(2),
      ratio(instrument),
    ],
  ];
}

export function liveTableOf(live: readonly Live[]): string {
  const rows = live.map(({ transport, followers, logs, turns, rssBytes, heapBytes }) => {
    const { cpuMs, eventsPerSecond } = medians(turns);
    const cpu = `${(cpuMs * 1000).toFixed(1)} µs`;
    const count = `${followers} of ${logs} logs`;
    return [transport, count, eventsPerSecond.toFixed(0), cpu, rssBytes.toFixed(0), heapBytes.toFixed(0)];
  });
  const heads = ['transport', 'followers', 'events/s', 'CPU an event', 'resident bytes each', 'heap bytes each'];
  return tableOf('live', heads, rows);
}

export function attackTableOf(attack: readonly AttackFigures[]): string {
  const heads = ['p50 alone', 'beside', 'p99 alone', 'beside', 'beside of alone', 'asked late by'];
  const rows = attack.map(({ documentsPerMinute, timesEach, normalPerSecond, turns }) => {
    const medianMs = (pick: (turn: AttackTurn) => number) => `${median(turns.map(pick)).toFixed(2)} ms`;
    return [
      `${documentsPerMinute}, each ${timesEach} ×`,
      String(normalPerSecond),
      medianMs(({ alone }) => alone.p50Ms),
      medianMs(({ beside }) => beside.p50Ms),
      medianMs(({ alone }) => alone.p99Ms),
      medianMs(({ beside }) => beside.p99Ms),
      `${median(turns.map(({ alone, beside }) => beside.p99Ms / alone.p99Ms)).toFixed(2)} ×`,
      medianMs(({ beside }) => beside.latenessP99Ms),
      [turns[0]?.peakMbBefore ?? 0, ...turns.map(({ peakMbAfter }) => peakMbAfter)].map(Math.round).join(', '),
    ];
  });
  return tableOf('attack', ['documents a minute', 'normal/s', ...heads, 'peak MB before, after each turn'], rows);
}
