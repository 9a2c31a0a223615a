/** The report of a soak, in Markdown. */
export type Sample = { seconds: number; memoryMb: Readonly<Record<string, number>> };

export type SoakResults = {
  date: string;
  machine: string;
  node: string;
  commit: string;
  minutes: number;
  restarts: number;
  calls: number;
  counts: Readonly<Record<string, number>>;
  wrong: readonly string[];
  lost: readonly string[];
  /** How far the subscriber that was last was behind D7 at the end. */
  behindSeconds: number;
  samples: readonly Sample[];
};

const shownSamples = 20;

export function reportOf(results: SoakResults): string {
  const { date, machine, node, commit, minutes, restarts, calls, counts, wrong, lost, behindSeconds } = results;
  const rows = [
    ['right logs', counts['right logs'] ?? 0],
    ['right events of subscriptions', counts['right events'] ?? 0],
    ['**wrong responses**', `**${counts.wrong ?? 0}**`],
    ['**requests without a response**', `**${counts.lost ?? 0}**`],
    ['failures of D7 that were reported while it was broken', counts['failures of D7 that were reported'] ?? 0],
    ['seconds that the last subscriber was behind at the end', behindSeconds],
    ['connections of clients that do not read', counts['slow readers'] ?? 0],
    ['calls to D7', calls],
    ['restarts of a replica', restarts],
  ];
  return [
    '# Soak',
    '',
    `\`npm run soak\`, ${minutes} min: two replicas that share a Redis, behind nginx, in front of a fake D7. The replicas are restarted in turn all`,
    'the time, Redis is killed twice and started again, and D7 fails once and is silent once. Steady callers, a noisy caller, clients that do not',
    'read and subscribers are there all the time. Each response is compared with what the fake D7 says for its id and token.',
    '',
    `${date}, commit ${commit}, ${machine}, Node ${node}.`,
    '',
    ...table([['', 'Count'], ...rows]),
    '',
    '## Memory',
    '',
    'Resident memory in MB. A replica that has just been restarted begins anew.',
    '',
    ...memoryTable(results),
    ...examples('Wrong responses', wrong),
    ...examples('Requests without a response', lost),
    '',
  ].join('\n');
}

function memoryTable({ samples }: SoakResults): string[] {
  const names = Object.keys(samples[0]?.memoryMb ?? {});
  const step = Math.max(1, Math.floor(samples.length / shownSamples));
  const shown = samples.filter((_, index) => index % step === 0 || index === samples.length - 1);
  return table([
    ['Second', ...names],
    ...shown.map(({ seconds, memoryMb }) => [
      seconds.toFixed(0),
      ...names.map((name) => (Number.isFinite(memoryMb[name]) ? (memoryMb[name]?.toFixed(0) ?? '') : '')),
    ]),
  ]);
}

function table([head = [], ...rows]: readonly (readonly (string | number)[])[]): string[] {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '--:'))), ...rows.map(line)];
}

function examples(title: string, texts: readonly string[]): string[] {
  if (texts.length === 0) return [];
  return ['', `## ${title}`, '', ...texts.map((text) => `- ${text}`)];
}
