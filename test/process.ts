/** A gateway in a process of its own, as `npm start` runs it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import manifest from '../package.json' with { type: 'json' };

export type Running = AsyncDisposable & {
  child: ChildProcess;
  /** Exit code and signal, when it has ended. */
  ended: Promise<[number | null, NodeJS.Signals | null]>;
  /** All that it has written, to both outputs. */
  written: () => string;
  /** Resolves with the first line that holds these words, written already or to come. */
  lineWith: (words: string) => Promise<string>;
};

const root = new URL('..', import.meta.url);
/** What `npm start` tells Node. */
const words = manifest.scripts.start.split(' ');
export const productionFlags = words.filter((word) => word.startsWith('--'));
const compileCache = words.find((word) => word.startsWith('NODE_COMPILE_CACHE='))?.split('=')[1] as string;

export function start(script: string, environment: Record<string, string> = {}): Running {
  const env = { PATH: process.env.PATH, NODE_COMPILE_CACHE: compileCache, ...environment };
  const child = spawn(process.execPath, [...productionFlags, script], { cwd: root, env });
  const ended = once(child, 'exit') as Running['ended'];
  let written = '';
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8').on('data', (text) => {
      written += text;
      child.emit('written');
    });
  }

  async function lineWith(words: string): Promise<string> {
    for (;;) {
      const line = written.split('\n').find((text) => text.includes(words));
      if (line !== undefined) return line;
      if (child.exitCode !== null) throw new Error(`It ended before it wrote "${words}":\n${written}`);
      await Promise.race([once(child, 'written'), ended]);
    }
  }

  async function stop(): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await ended;
  }

  return { child, ended, written: () => written, lineWith, [Symbol.asyncDispose]: stop };
}

/** Where it listens, once it does. */
export async function urlOf({ lineWith }: Running): Promise<string> {
  return JSON.parse(await lineWith('listening')).url;
}

/** Linux tells the memory of a process: what it holds now, and the most that it ever held. */
export function memoryOf({ child }: Pick<Running, 'child'>): { nowMb: number; mostMb: number } {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  const mb = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  return { nowMb: mb('VmRSS'), mostMb: mb('VmHWM') };
}
