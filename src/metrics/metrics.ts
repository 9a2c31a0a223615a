/**
 * All series of the table, and their text in the formats of OpenMetrics and Prometheus. prom-client writes the text, and adds the figures
 * of the process.
 */
import { collectDefaultMetrics, type Metric, type OpenMetricsContentType, Registry } from 'prom-client';
import { Counter, Histogram, type Sample, Series } from './series.ts';
import { counters, type GaugeReaders, gauges, histograms, type MetricRow } from './table.ts';

export type Metrics = {
  counters: { readonly [Name in keyof typeof counters]: Series<Counter> };
  histograms: { readonly [Name in keyof typeof histograms]: Series<Histogram> };
  addGauges: (readers: GaugeReaders) => void;
  /** @param accept the header of the request: without OpenMetrics there are no exemplars. */
  text: (accept: string | undefined) => Promise<{ contentType: string; body: string }>;
};

/** How often the delay of the event loop is sampled. */
const eventLoopMonitoringPrecision = 20;

export function createMetrics(): Metrics {
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  const register = (row: MetricRow, type: string, samples: () => Sample[]) => {
    const { name, help } = row;
    // OpenMetrics: the name of a counter is without the suffix that its sample has.
    const get = async () => ({ name: name.replace(/_total$/, ''), help, type, values: samples() });
    registry.registerMetric({ name, get } as unknown as Metric<string>);
  };

  function registered<Child extends { samples: () => Sample[] }>(
    row: MetricRow,
    type: string,
    create: (labels: Record<string, string>) => Child,
  ): Series<Child> {
    const series = new Series(row, create);
    register(row, type, () => series.children.flatMap((child) => child.samples()));
    // A metric without labels has its one series from the start.
    if (row.labels.length === 0) series.of();
    return series;
  }

  const allCounters = mapped(counters, (row) => registered(row, 'counter', (labels) => new Counter(labels)));
  const allHistograms = mapped(histograms, (row) =>
    registered(row, 'histogram', (labels) => new Histogram(row, labels)),
  );
  collectDefaultMetrics({ register: registry as unknown as Registry, eventLoopMonitoringPrecision });

  function addGauges(readers: GaugeReaders): void {
    for (const [gauge, row] of Object.entries(gauges)) {
      register(row, 'gauge', () => {
        const read = readers[gauge as keyof typeof gauges]();
        return typeof read === 'number' ? [{ labels: {}, value: read }] : [...read];
      });
    }
  }

  async function text(accept: string | undefined): Promise<{ contentType: string; body: string }> {
    const body = await registry.metrics();
    if (accept?.includes('application/openmetrics-text')) return { contentType: registry.contentType, body };
    return { contentType: Registry.PROMETHEUS_CONTENT_TYPE, body: withoutOpenMetrics(body) };
  }

  return { counters: allCounters, histograms: allHistograms, addGauges, text };
}

/** The older format has neither exemplars nor an end, and the name of a counter has its suffix everywhere. */
function withoutOpenMetrics(body: string): string {
  return body
    .replace(/ # \{.*$/gm, '')
    .replace(/^# HELP (\S+) (.*)\n# TYPE \1 counter$/gm, '# HELP $1_total $2\n# TYPE $1_total counter')
    .replace(/# EOF\n$/, '');
}

function mapped<Rows extends object, To>(rows: Rows, map: (row: Rows[keyof Rows]) => To): { [Name in keyof Rows]: To } {
  const entries = Object.entries(rows).map(([name, row]) => [name, map(row)]);
  return Object.fromEntries(entries) as { [Name in keyof Rows]: To };
}
