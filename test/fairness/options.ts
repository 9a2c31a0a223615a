/** What a run can be told: `npm run fairness -- --only 8,11 --seconds 5 --gateway ../old-tree` does less, of another tree. */
import { parseArgs } from 'node:util';

export type RunOptions = {
  /** Rows of the table; null for all. */
  only: readonly string[] | null;
  seconds: number;
  gateway: string;
  allAtOnce: boolean;
  /** Exit with 1 where a goal is not reached. */
  check: boolean;
  /** Only a full run of this tree is written to results.json and report.md. */
  writes: boolean;
};

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
export const optionTable = { only: text, seconds: text, gateway: text, 'all-at-once': flag, check: flag } as const;
const rowNames = ['8', '9', '10', '11', '12', '13'];
const here = new URL('../..', import.meta.url).pathname;

/** @throws Error naming what is not known. */
export function readOptions(args: readonly string[]): RunOptions {
  const { values } = parseArgs({ args: [...args], options: optionTable });
  const { only, gateway, check = false, 'all-at-once': allAtOnce = false } = values;
  const fullSeconds = allAtOnce ? 300 : 10;
  const seconds = Number(values.seconds ?? fullSeconds);
  if (!(seconds > 0)) throw new Error(`Not a number above 0: ${values.seconds}`);
  const unknown = only?.split(',').filter((name) => !rowNames.includes(name)) ?? [];
  if (unknown.length > 0) throw new Error(`Not known: ${unknown.join(', ')}. There are: ${rowNames.join(', ')}.`);
  const writes = only === undefined && gateway === undefined && seconds >= fullSeconds;
  return { only: only?.split(',') ?? null, seconds, gateway: gateway ?? here, allAtOnce, check, writes };
}
