/** What a run can be told: `npm run bench -- --only gateway,raw-map --workloads one,page --rounds 1 --turns 5` does less. */
import { parseArgs } from 'node:util';
import { ablations } from './ablations.ts';
import { before } from './against.ts';
import type { Pair } from './comparison.ts';
import { contenderNames } from './contenders.ts';
import { type InstrumentName, instruments } from './instruments.ts';
import { workloadNames } from './workloads.ts';

export type RunOptions = {
  /** Who asks, and who plays D7. */
  load: InstrumentName;
  parts: readonly string[];
  contenders: readonly string[];
  workloads: readonly string[];
  /** In each, all processes are started anew. */
  rounds: number;
  /** How often each contender is measured after each start. */
  turns: number;
  /** How long a turn takes. */
  seconds: number;
  attackSeconds: number;
  subscribers: number;
  followers: number;
  /** For the gateway's process: a profiler's, for instance. */
  nodeFlags: readonly string[];
  /** Who is compared with whom, in place of all else: this gateway with that of a commit, or with itself without one part each. */
  pairs: readonly Pair[] | null;
  /** The commit whose gateway stands beside this one's; see against.ts. */
  against: string | null;
  /** The folder for what the run writes, seen from this one. */
  out: string;
};

const ablationWorkloads = ['one', 'page', 'same', 'missing', 'large'];
const partNames = ['peers', 'growth', 'live', 'attack'];

const text = { type: 'string' } as const;
export const optionTable = {
  load: text,
  parts: text,
  only: text,
  workloads: text,
  rounds: text,
  turns: text,
  seconds: text,
  'attack-seconds': text,
  subscribers: text,
  followers: text,
  'node-flags': text,
  against: text,
  out: text,
  ablations: { type: 'boolean' },
  quick: { type: 'boolean' },
} as const;

const full = {
  rounds: 3,
  turns: 3,
  seconds: 1,
  attackSeconds: 60,
  subscribers: 10_000,
  followers: 10_000,
  only: contenderNames,
};
/** Three minutes: to see that all of it runs, and roughly where the figures lie. */
const quick = {
  rounds: 1,
  turns: 1,
  seconds: 0.5,
  attackSeconds: 6,
  subscribers: 500,
  followers: 1000,
  only: contenderNames.slice(0, 4),
};

/** Less than two minutes for a workload. */
const ofCommit = { rounds: 3, turns: 8 };
/** Some forty minutes for all of them. */
const ofAblations = { rounds: 2, turns: 4 };

/** @throws Error naming what is not known. */
export function readOptions(args: readonly string[]): RunOptions {
  const { values } = parseArgs({ args: [...args], options: optionTable });
  const preset = presetOf(values);
  const against = values.against ?? null;
  const pairs = pairsOf(values);
  const load = chosenLoad(values.load);
  return {
    load,
    parts: chosen(partNames, values.parts) ?? partNames,
    contenders: pairs ? [] : (chosen(contenderNames, values.only) ?? preset.only),
    workloads: chosen(workloadNames, values.workloads) ?? (values.ablations ? ablationWorkloads : workloadNames),
    rounds: numberIn(values.rounds) ?? preset.rounds,
    turns: numberIn(values.turns) ?? preset.turns,
    seconds: numberIn(values.seconds) ?? preset.seconds,
    attackSeconds: numberIn(values['attack-seconds']) ?? preset.attackSeconds,
    subscribers: numberIn(values.subscribers) ?? preset.subscribers,
    followers: numberIn(values.followers) ?? preset.followers,
    pairs,
    against,
    nodeFlags: values['node-flags']?.split(' ') ?? [],
    out: values.out ?? folderOf(values, load),
  };
}

type Values = { quick?: boolean; ablations?: boolean; against?: string; only?: string };

function presetOf({ quick: isQuick, ablations: isOfAblations, against }: Values): typeof full {
  if (isQuick) return quick;
  return { ...full, ...(against ? ofCommit : isOfAblations ? ofAblations : {}) };
}

/** Only a full run replaces what stands in the repository. */
function folderOf(
  { load: _load, ablations: _ablations, ...others }: object & { load?: string; ablations?: boolean },
  load: InstrumentName,
): string {
  if (Object.keys(others).length > 0) return 'partial/';
  return load === 'node' ? './' : `${load}/`;
}

function chosenLoad(name = 'node'): InstrumentName {
  const [load] = chosen(Object.keys(instruments), name) ?? [];
  return load as InstrumentName;
}

/** Null: the gateway stands beside its peers. */
function pairsOf({ against, ablations: isOfAblations, only }: Values): readonly Pair[] | null {
  if (against) return [{ contender: 'gateway', other: before }];
  if (!isOfAblations) return null;
  const names = Object.keys(ablations);
  return (chosen(names, only) ?? names).map((contender) => ({ contender, other: 'gateway' }));
}

function chosen(all: readonly string[], names: string | undefined): readonly string[] | null {
  if (names === undefined) return null;
  const wanted = names.split(',');
  const unknown = wanted.filter((name) => !all.includes(name));
  if (unknown.length > 0) throw new Error(`Not known: ${unknown.join(', ')}. There are: ${all.join(', ')}.`);
  return all.filter((name) => wanted.includes(name));
}

function numberIn(value: string | undefined): number | null {
  if (value === undefined) return null;
  const number = Number(value);
  if (!(number > 0)) throw new Error(`Not a number above 0: ${value}`);
  return number;
}
