/** What a soak can be told: `npm run soak -- --minutes 1 --out /tmp/soak.md`. */
import { parseArgs } from 'node:util';

export type SoakOptions = { minutes: number /** The report. */; out: string };

export function readOptions(args: readonly string[]): SoakOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args: [...args], options: { minutes: text, out: text } });
  const minutes = Number(values.minutes ?? 10);
  if (!(minutes >= 0.5)) throw new Error('--minutes: expected a number from 0.5');
  return { minutes, out: values.out ?? new URL('../bench/soak.md', import.meta.url).pathname };
}
