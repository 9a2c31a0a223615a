/**
 * The text of metrics in the formats of OpenMetrics and Prometheus, which prom-client writes.
 */
import { type Metric, type OpenMetricsContentType, Registry } from 'prom-client';
import type { Snapshot } from './snapshot.ts';

export type MetricsRegistry = Registry<OpenMetricsContentType>;

export function createRegistry(): MetricsRegistry {
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  return registry;
}

/** @param accept the header of the request: without OpenMetrics there are no exemplars. */
export async function textOf(
  registry: MetricsRegistry,
  accept: string | undefined,
): Promise<{ contentType: string; body: string }> {
  const body = await registry.metrics();
  if (accept?.includes('application/openmetrics-text')) return { contentType: registry.contentType, body };
  return { contentType: Registry.PROMETHEUS_CONTENT_TYPE, body: withoutOpenMetrics(body) };
}

export function registryOf(snapshot: Snapshot): MetricsRegistry {
  const registry = createRegistry();
  for (const metric of snapshot) {
    const named = { ...metric, name: nameOf(metric.name, metric.type) };
    registry.registerMetric({ name: named.name, get: async () => named } as unknown as Metric<string>);
  }
  return registry;
}

/** OpenMetrics: the name of a counter is without the suffix that its sample has. */
export function nameOf(name: string, type: string): string {
  return type === 'counter' ? name.replace(/_total$/, '') : name;
}

/** The older format has neither exemplars nor an end, and the name of a counter has its suffix everywhere. */
function withoutOpenMetrics(body: string): string {
  return body
    .replace(/ # \{.*$/gm, '')
    .replace(/^# HELP (\S+) (.*)\n# TYPE \1 counter$/gm, '# HELP $1_total $2\n# TYPE $1_total counter')
    .replace(/# EOF\n$/, '');
}
