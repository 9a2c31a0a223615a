/**
 * The metrics of a process at one time, as data: what workers send, and how those of several are added up.
 */
import type { Sample } from './series.ts';

/** How the values of several processes become one; `sum` without one. */
type Aggregator = 'sum' | 'first' | 'average' | 'min' | 'max' | 'omit';

type MetricSnapshot = {
  name: string;
  help: string;
  type: string;
  aggregator?: Aggregator;
  values: readonly Sample[];
};

export type Snapshot = readonly MetricSnapshot[];

/** Only these never decrease: the figures of a process that has ended stay in the sum. */
export function lastingPartOf(snapshot: Snapshot): Snapshot {
  return snapshot.filter(({ type }) => type === 'counter' || type === 'histogram');
}

export function merged(snapshots: readonly Snapshot[]): Snapshot {
  const byName = Map.groupBy(snapshots.flat(), ({ name }) => name);
  return [...byName.values()].map(mergedMetric).filter((metric) => metric !== null);
}

function mergedMetric(parts: readonly MetricSnapshot[]): MetricSnapshot | null {
  const [first] = parts as [MetricSnapshot];
  const { aggregator = 'sum' } = first;
  if (aggregator === 'omit') return null;
  const bySeries = Map.groupBy(
    parts.flatMap(({ values }) => values),
    ({ metricName, labels }) => JSON.stringify([metricName, labels]),
  );
  return { ...first, values: [...bySeries.values()].map((samples) => mergedSample(samples, aggregator)) };
}

function mergedSample(samples: readonly Sample[], aggregator: Exclude<Aggregator, 'omit'>): Sample {
  // JSON has no NaN: what has not been measured yet is null.
  const values = samples.map(({ value }) => value ?? 0);
  const { exemplar: _, ...first } = samples[0] as Sample;
  const exemplars = samples.flatMap(({ exemplar }) => exemplar ?? []);
  const exemplar = exemplars.toSorted((a, b) => b.timestamp - a.timestamp)[0];
  return { ...first, value: aggregate[aggregator](values), ...(exemplar && { exemplar }) };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

const aggregate = {
  sum,
  first: ([value = 0]) => value,
  average: (values) => sum(values) / values.length,
  min: (values) => Math.min(...values),
  max: (values) => Math.max(...values),
} satisfies Record<Exclude<Aggregator, 'omit'>, (values: readonly number[]) => number>;
