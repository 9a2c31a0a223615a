/** What the contenders are measured with. */
import type { Settings } from './ablations.ts';
import { subgraphNames } from './contenders.ts';
import { askEntities, askOne, askPage, askSummary, askTrusted, type Question } from './questions.ts';
import { trustedSettings } from './trusted.ts';

export type Workload = {
  /** In words, for the chart. */
  told?: string;
  connections: number;
  /** Of wrk, where they are not 64: they keep the contender's core busy. */
  busyConnections?: number;
  questionOf: (index: number) => Question;
  /** How long the upstream takes. */
  delayMs?: number;
  /** Whether the gateway may keep what it reads, as it does by default. */
  keeps?: boolean;
  /** Contenders that have no such field. */
  without?: readonly string[];
  /** What is compared with this workload: contenders under another one, in turns with these. */
  beside?: readonly Beside[];
  /** The gateway's settings where they are not the default. */
  settings?: () => Settings;
};

/** `raw-map@large`: raw-map is asked the questions of *large*. */
type Beside = `${string}@${string}`;

const pageSize = 25;
const pageOf = (index: number) => Array.from({ length: pageSize }, (_, item) => `recipients-2-${index}-${item}`);
export const busyConnections = 64;

export const workloads: Record<string, Workload> = {
  one: { told: 'one log', connections: 32, questionOf: (index) => askOne(`recipients-2-${index}`) },
  trusted: {
    told: 'one log, by a trusted document',
    connections: 32,
    questionOf: (index) => askTrusted(`recipients-2-${index}`),
    settings: trustedSettings,
  },
  page: { told: `a page of ${pageSize} logs`, connections: 8, questionOf: (index) => askPage(pageOf(index)) },
  entities: {
    told: `${pageSize} entities, as a router asks`,
    connections: 8,
    questionOf: (index) => askEntities(pageOf(index)),
    without: ['mercurius', 'apollo-server', 'yoga', 'hive-gateway'],
    beside: ['gateway@page'],
  },
  same: { told: 'everyone the same log', connections: 32, questionOf: () => askOne('recipients-2'), keeps: true },
  missing: { told: '404', connections: 32, questionOf: (index) => askOne(`missing-${index}`) },
  large: {
    told: 'a log of 10 000 recipients',
    connections: 4,
    busyConnections: 16,
    questionOf: (index) => askOne(`recipients-10000-${index}`),
  },
  summary: {
    told: 'the summary of a log of 10 000 recipients',
    connections: 4,
    busyConnections: 16,
    questionOf: (index) => askSummary(`recipients-10000-${index}`),
    without: ['hive-gateway'],
    beside: ['raw-map@large', 'raw@large'],
  },
  huge: {
    told: 'a response of 8 MB',
    connections: 2,
    busyConnections: 4,
    questionOf: (index) => askOne(`recipients-40000-${index}`),
  },
  slow: {
    told: 'upstream of 50 ms, 256 connections',
    connections: 256,
    busyConnections: 256,
    questionOf: (index) => askOne(`recipients-2-${index}`),
    delayMs: 50,
  },
};

export const workloadNames = [...Object.keys(workloads), 'start'];

/** Those of the chosen ones that this workload can be measured with. */
export function contendersOf(name: string, chosen: readonly string[]): readonly string[] {
  const { without = [], beside = [] } = workloads[name] ?? {};
  const answers = (contender: string) =>
    !without.includes(contender) && (name === 'entities' || !subgraphNames.includes(contender));
  return [...chosen.filter(answers), ...beside.filter((one) => chosen.includes(partsOf(one).contender))];
}

/** A contender's own name, and the workload whose questions it is asked. */
export function partsOf(name: string): { contender: string; asked: string | null } {
  const [contender = '', asked = null] = name.split('@');
  return { contender, asked };
}

export function tellWorkload(name: string): string {
  return name === 'start' ? 'start to first answer' : `${name}: ${workloads[name]?.told}`;
}
