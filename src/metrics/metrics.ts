/**
 * All series of the table. prom-client adds the figures of the process.
 */
import { collectDefaultMetrics, type Metric, type Registry } from 'prom-client';
import { createRegistry, nameOf, textOf } from './metrics-text.ts';
import { Counter, Histogram, type Sample, Series } from './series.ts';
import type { Snapshot } from './snapshot.ts';
import { counters, type GaugeReaders, gauges, histograms, type MetricRow } from './table.ts';

export type Metrics = {
  counters: { readonly [Name in keyof typeof counters]: Series<Counter> };
  histograms: { readonly [Name in keyof typeof histograms]: Series<Histogram> };
  addGauges: (readers: GaugeReaders) => void;
  /** @param accept the header of the request: without OpenMetrics there are no exemplars. */
  text: (accept: string | undefined) => Promise<{ contentType: string; body: string }>;
  /** The same as data. */
  snapshot: () => Promise<Snapshot>;
};

/** How often the delay of the event loop is sampled. */
const eventLoopMonitoringPrecision = 20;

export function createMetrics(): Metrics {
  const registry = createRegistry();
  const register = (row: MetricRow, type: string, samples: () => Sample[]) => {
    const { name, help } = row;
    const get = async () => ({ name: nameOf(name, type), help, type, values: samples() });
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

  return {
    counters: allCounters,
    histograms: allHistograms,
    addGauges,
    text: (accept) => textOf(registry, accept),
    snapshot: async () => (await registry.getMetricsAsJSON()) as unknown as Snapshot,
  };
}

function mapped<Rows extends object, To>(rows: Rows, map: (row: Rows[keyof Rows]) => To): { [Name in keyof Rows]: To } {
  const entries = Object.entries(rows).map(([name, row]) => [name, map(row)]);
  return Object.fromEntries(entries) as { [Name in keyof Rows]: To };
}
