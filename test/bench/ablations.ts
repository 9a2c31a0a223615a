/**
 * The gateway without one of its parts: what each part costs or gains. Where a part has a setting, the setting switches it off; where it has
 * none, a few words of one module are replaced while the gateway loads it, so that production code has no switch for the benchmark.
 */
import { fileURLToPath } from 'node:url';
import { collectorUrl } from './collector.ts';

/** Undefined: the setting is not set. */
export type Settings = Record<string, string | undefined>;

export type Ablation = {
  /** In words, for the table. */
  without: string;
  settings?: Settings;
  replaces?: Replacement;
  /** Whether it sends traces to a collector. */
  hasTraces?: true;
};

/** As under load in production. */
const someTraces = { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.05' };

/** High enough that they reject nothing. */
const highLimits = { RATE_LIMIT_PER_CALLER: '1000000000', RATE_LIMIT_TOTAL: '1000000000' };

/** `from` stands in the module exactly once. */
export type Replacement = { module: string; from: string; to: string };

export const ablations: Readonly<Record<string, Ablation>> = {
  'without-fast-path': { without: 'the fast path: graphql-js executes each query', settings: { FAST_PATH: 'off' } },
  'without-scanner': {
    without: 'the scanner: each log is parsed, checked field by field and written as JSON anew',
    replaces: {
      module: 'src/d7/log/decoder.ts',
      from: 'let log = scanViberLog(body, requestId',
      to: 'let log = null && scanViberLog(body, requestId',
    },
  },
  'without-response-cache': {
    without: 'the cache of responses: each is written from the cached log',
    replaces: {
      module: 'src/graphql/fast-path/response-cache.ts',
      from: 'if (maxBytes === 0) return null;',
      to: 'if (maxBytes >= 0) return null;',
    },
  },
  'without-metrics': { without: 'metrics', settings: { METRICS_PORT: undefined } },
  'without-log-lines': { without: 'log lines of operations and attempts', settings: { LOG_LEVEL: 'error' } },
  'with-rate-limits': { without: 'nothing, and with rate limits', settings: highLimits },
  'with-traces': { without: 'nothing, and with traces of all operations', hasTraces: true },
  'with-some-traces': {
    without: 'nothing, and with traces of one operation in twenty',
    settings: someTraces,
    hasTraces: true,
  },
  'with-everything': {
    without: 'nothing, and with rate limits and traces of one operation in twenty',
    settings: { ...highLimits, ...someTraces },
    hasTraces: true,
  },
};

/** For the gateway's process. */
export async function ablationStart(name: string): Promise<{ settings: Settings; nodeFlags: string[] }> {
  const { settings: own = {}, replaces, hasTraces } = ablations[name] as Ablation;
  const settings = hasTraces ? { ...own, OTEL_EXPORTER_OTLP_ENDPOINT: await collectorUrl() } : own;
  if (!replaces) return { settings, nodeFlags: [] };
  const hook = fileURLToPath(new URL('replace-module.ts', import.meta.url));
  return { settings: { ...settings, REPLACE_MODULE: JSON.stringify(replaces) }, nodeFlags: ['--import', hook] };
}
