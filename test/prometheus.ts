/** A Prometheus server of the test's own, which collects from gateways of the test. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { findCommand } from './commands.ts';
import { freePort } from './free-port.ts';

const prometheusCommand = findCommand('prometheus');
const promtoolCommand = findCommand('promtool');
/** Where there must be one, a missing one fails. */
export const prometheusWanted = prometheusCommand !== undefined || process.env.CI !== undefined;

const alertRules = new URL('../.deploy/prometheus/alerts.yml', import.meta.url).pathname;

type Sample = { metric: Record<string, string>; value: number };
export type Prometheus = AsyncDisposable & {
  query: (expression: string) => Promise<Sample[]>;
  /** The names of the alerts that it has loaded. */
  alerts: () => Promise<string[]>;
};

/** @param targets the addresses of the metrics, by the name of the instance. */
export async function openPrometheus(targets: Record<string, string>): Promise<Prometheus> {
  if (prometheusCommand === undefined) throw new Error('No prometheus on this machine, and in CI there must be one.');
  const directory = await mkdtemp(join(tmpdir(), 'prometheus-'));
  const configFile = join(directory, 'prometheus.yml');
  await writeFile(configFile, JSON.stringify(configFor(targets)));
  const address = `127.0.0.1:${await freePort()}`;
  const flags = {
    'config.file': configFile,
    'storage.tsdb.path': join(directory, 'data'),
    'web.listen-address': address,
  };
  const child = spawn(
    prometheusCommand,
    Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`),
    { stdio: 'ignore' },
  );
  const ended = once(child, 'exit');

  async function get(path: string, parameters: Record<string, string> = {}) {
    const response = await fetch(`http://${address}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const { status, data, error } = await response.json();
    if (status !== 'success') throw new Error(`${error}: ${parameters.query}`);
    return data;
  }

  async function query(expression: string): Promise<Sample[]> {
    const { result } = await get('query', { query: expression });
    return result.map(({ metric, value }: { metric: Sample['metric']; value: [number, string] }) => ({
      metric,
      value: Number(value[1]),
    }));
  }

  async function alerts(): Promise<string[]> {
    const { groups } = await get('rules', { type: 'alert' });
    return groups.flatMap(({ rules }: { rules: { name: string }[] }) => rules.map(({ name }) => name));
  }

  async function close(): Promise<void> {
    child.kill('SIGKILL');
    await ended;
    await rm(directory, { recursive: true });
  }

  await expect.poll(() => query('vector(1)').catch(() => []), { timeout: 30_000 }).toHaveLength(1);
  return { query, alerts, [Symbol.asyncDispose]: close };
}

/** Its output, if all is well. */
export async function promtool(...words: string[]): Promise<string> {
  if (promtoolCommand === undefined) throw new Error('No promtool on this machine, and in CI there must be one.');
  const { stdout } = await promisify(execFile)(promtoolCommand, words);
  return stdout;
}

/** YAML takes JSON. */
function configFor(targets: Record<string, string>) {
  const static_configs = Object.entries(targets).map(([instance, url]) => ({
    targets: [new URL(url).host],
    labels: { instance },
  }));
  return {
    global: { scrape_interval: '500ms', scrape_timeout: '500ms', evaluation_interval: '1s' },
    rule_files: [alertRules],
    scrape_configs: [{ job_name: 'viber-log-gateway', static_configs }],
  };
}
