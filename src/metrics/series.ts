/**
 * The series of a metric: one number, or one row of numbers, for each combination of its labels.
 *
 * prom-client's own counters hash their labels and allocate an object with each increment. These are incremented in place, and only turn
 * into its format when the metrics are fetched.
 */
import type { HistogramRow, MetricRow } from './table.ts';

/** What prom-client writes of a metric. */
export type Sample = {
  metricName?: string;
  labels: Record<string, string | number>;
  value: number;
  exemplar?: Exemplar;
};

type Exemplar = { labelSet: { trace_id: string }; value: number; timestamp: number };

/** Guards memory if a label turns out to be unbounded: further combinations share one series. */
const maxSeries = 5000;
const other = 'other';

export class Series<Child> {
  readonly row: MetricRow;
  readonly #create: (labels: Record<string, string>) => Child;
  readonly #children: Child[] = [];
  /** By the first label, then the second, then the third: a lookup joins no strings. */
  readonly #byLabels = new Map<string, Map<string, Map<string, Child>>>();

  constructor(row: MetricRow, create: (labels: Record<string, string>) => Child) {
    this.row = row;
    this.#create = create;
  }

  get children(): readonly Child[] {
    return this.#children;
  }

  /** The child with these values of the labels, in the order of the table. */
  of(first = '', second = '', third = ''): Child {
    return this.#byLabels.get(first)?.get(second)?.get(third) ?? this.#add(first, second, third);
  }

  #add(first: string, second: string, third: string): Child {
    if (this.#children.length >= maxSeries && first !== other) return this.of(other, other, other);
    const values = [first, second, third];
    const child = this.#create(
      Object.fromEntries(this.row.labels.map((label, index) => [label, values[index] as string])),
    );
    const bySecond = this.#byLabels.get(first) ?? new Map<string, Map<string, Child>>();
    const byThird = bySecond.get(second) ?? new Map<string, Child>();
    this.#byLabels.set(first, bySecond.set(second, byThird.set(third, child)));
    this.#children.push(child);
    return child;
  }
}

export class Counter {
  readonly #labels: Record<string, string>;
  value = 0;

  constructor(labels: Record<string, string>) {
    this.#labels = labels;
  }

  samples(): Sample[] {
    return [{ labels: this.#labels, value: this.value }];
  }
}

export class Histogram {
  readonly #row: HistogramRow;
  readonly #labels: Record<string, string>;
  readonly #buckets: readonly number[];
  readonly #counts: Float64Array;
  /** The last traced value of each bucket: its trace, the value, and its time. */
  readonly #traces: (string | undefined)[];
  readonly #traced: Float64Array;
  #sum = 0;

  constructor(row: HistogramRow, labels: Record<string, string>) {
    const size = row.buckets.length + 1;
    this.#row = row;
    this.#labels = labels;
    this.#buckets = row.buckets;
    this.#counts = new Float64Array(size);
    this.#traces = new Array(size);
    this.#traced = new Float64Array(size * 2);
  }

  /** @param traceparent of W3C Trace Context, if the value belongs to a trace. */
  observe(seconds: number, traceparent?: string): void {
    let index = 0;
    while (index < this.#buckets.length && seconds > (this.#buckets[index] as number)) index += 1;
    this.#counts[index] = (this.#counts[index] as number) + 1;
    this.#sum += seconds;
    if (traceparent === undefined) return;
    this.#traces[index] = traceparent;
    this.#traced[index * 2] = seconds;
    this.#traced[index * 2 + 1] = Date.now() / 1000;
  }

  samples(): Sample[] {
    const { name } = this.#row;
    const samples: Sample[] = [];
    let count = 0;
    for (let index = 0; index < this.#counts.length; index += 1) {
      count += this.#counts[index] as number;
      const labels = { ...this.#labels, le: this.#buckets[index] ?? '+Inf' };
      samples.push({ metricName: `${name}_bucket`, labels, value: count, ...this.#exemplarOf(index) });
    }
    samples.push({ metricName: `${name}_sum`, labels: this.#labels, value: this.#sum });
    samples.push({ metricName: `${name}_count`, labels: this.#labels, value: count });
    return samples;
  }

  #exemplarOf(index: number): { exemplar?: Exemplar } {
    const traceparent = this.#traces[index];
    if (traceparent === undefined) return {};
    const [, traceId = ''] = traceparent.split('-');
    const [value, timestamp] = [this.#traced[index * 2] as number, this.#traced[index * 2 + 1] as number];
    return { exemplar: { labelSet: { trace_id: traceId }, value, timestamp } };
  }
}
