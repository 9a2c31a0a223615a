/** Who is measured, and how each is started in front of the upstream. */
import { productionFlags } from '../process.ts';
import { ablationStart, ablations, type Settings } from './ablations.ts';
import { before, mainOf } from './against.ts';
import { isGateway } from './gateways.ts';
import { type Started, startScript } from './processes.ts';

/** They answer a router, and nobody else. */
export const subgraphNames = ['mercurius-federation', 'apollo-subgraph'];
export const contenderNames = [
  ...['raw', 'raw-map', 'gateway', 'mercurius', 'apollo-server', 'yoga', 'hive-gateway'],
  ...subgraphNames,
];

export type StartOptions = {
  upstreamPort: number;
  /** Whether the gateway may keep what it reads, as it does by default. */
  keeps?: boolean;
  /** The gateway's settings where they are not the default. */
  settings?: Settings;
  /** For the gateway only: a profiler's, for instance. */
  nodeFlags?: readonly string[];
  hasChannel?: boolean;
};

/** As in production. `npm start` has the cache of compiled code from its second start on. */
const compileCache = new URL('../../node_modules/.cache/node', import.meta.url).pathname;
const production = { METRICS_PORT: '0', NODE_COMPILE_CACHE: compileCache };
const unkept = { CACHE_FINAL_TTL_SECONDS: '0', CACHE_LIVE_TTL_SECONDS: '0', CACHE_NOT_FOUND_TTL_SECONDS: '0' };

/** Does not wait until it listens. */
export async function startContender(name: string, options: StartOptions): Promise<Started> {
  const { upstreamPort, keeps = false, settings = {}, nodeFlags = [], hasChannel = false } = options;
  const upstream = `http://127.0.0.1:${upstreamPort}`;
  if (name in ablations) {
    const { settings: without, nodeFlags: hooks } = await ablationStart(name);
    const all = { settings: { ...settings, ...without }, nodeFlags: [...nodeFlags, ...hooks] };
    return startContender('gateway', { ...options, ...all });
  }
  if (!isGateway(name)) {
    const environment = { UPSTREAM: upstream, SUPERGRAPH: process.env.SUPERGRAPH ?? '' };
    return startScript({ path: `contenders/${name}.ts`, core: 0, environment });
  }
  const environment = { D7_BASE_URL: upstream, ...production, ...(keeps ? {} : unkept), ...settings };
  const main =
    name === before
      ? mainOf(process.env.BEFORE_TREE ?? '')
      : { path: new URL('../../src/main.ts', import.meta.url).pathname, flags: productionFlags };
  return startScript({
    path: main.path,
    core: 0,
    environment,
    nodeFlags: [...main.flags, ...nodeFlags],
    hasChannel,
  });
}
