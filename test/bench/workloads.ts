/** What the contenders are measured with. */
import { askOne, askPage, askSummary, type Question } from './questions.ts';

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
  /** The gateway's settings where they are not the default. */
  settings?: Record<string, string>;
};

const pageSize = 25;
export const busyConnections = 64;

export const workloads: Record<string, Workload> = {
  one: { told: 'one log', connections: 32, questionOf: (index) => askOne(`recipients-2-${index}`) },
  page: {
    told: `a page of ${pageSize} logs`,
    connections: 8,
    questionOf: (index) => askPage(Array.from({ length: pageSize }, (_, item) => `recipients-2-${index}-${item}`)),
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

export function tellWorkload(name: string): string {
  return name === 'start' ? 'start to first answer' : `${name}: ${workloads[name]?.told}`;
}
