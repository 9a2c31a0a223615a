/** With what a run measures: who plays D7, and who asks the contenders. Both share the core beside the contender's. */

import { type Load, type Measured, runLoad } from './load.ts';
import { countNginxRequests, openNginx } from './nginx.ts';
import { type Started, startScript, untilListening } from './processes.ts';
import { requireProgram } from './programs.ts';
import { runWrk } from './wrk.ts';

type UpstreamOptions = { delayMs?: number; requestIds?: readonly string[] };

export type Upstream = Started & {
  /** How often it was asked. */
  countCalls: () => Promise<number>;
};

export type Instrument = {
  openUpstream: (options?: UpstreamOptions) => Promise<Upstream>;
  runLoad: (load: Load) => Promise<Measured>;
  /** @throws Error that says what to install. */
  expectInstalled: () => void;
};

/** Also for what wrk cannot do: subscribers, and requests on a schedule. */
export const nodeInstrument: Instrument = { openUpstream: openNodeUpstream, runLoad, expectInstalled: () => {} };

export const instruments = {
  node: nodeInstrument,
  wrk: {
    openUpstream: openNginxUpstream,
    runLoad: runWrk,
    expectInstalled: () => {
      requireProgram('nginx');
      requireProgram('wrk');
    },
  },
} as const satisfies Record<string, Instrument>;

export type InstrumentName = keyof typeof instruments;

async function openNodeUpstream({ delayMs = 0 }: UpstreamOptions = {}): Promise<Upstream> {
  const upstream = await startScript({ path: 'upstream.ts', core: 1, environment: { DELAY_MS: String(delayMs) } });
  await untilListening(upstream);
  const countCalls = async () => Number(await (await fetch(`http://127.0.0.1:${upstream.port}/calls`)).text());
  return { ...upstream, countCalls };
}

async function openNginxUpstream({ delayMs = 0, requestIds = [] }: UpstreamOptions = {}): Promise<Upstream> {
  const upstream = await openNginx({ delayMs, requestIds });
  let asked = 0;
  return {
    ...upstream,
    countCalls: async () => {
      asked += 1;
      return (await countNginxRequests(upstream.port)) - asked;
    },
  };
}
