/**
 * The metrics of several workers as one: their sum, and that of the workers which have ended, so that no counter goes backwards. To these come
 * the metrics of the workers themselves, which the primary counts.
 */
import { registryOf, textOf } from './metrics-text.ts';
import { lastingPartOf, merged, type Snapshot } from './snapshot.ts';
import { ofWorkers } from './table.ts';

export type WorkerMetrics = {
  /** @param worker its id, which no later worker has. */
  update: (worker: number, snapshot: Snapshot) => void;
  /** Keeps what the worker has counted, up to its last snapshot. */
  end: (worker: number) => void;
  /** A worker has ended without being asked to. */
  countEnd: () => void;
  text: (accept: string | undefined) => Promise<{ contentType: string; body: string }>;
};

/** @param listening how many workers listen. */
export function createWorkerMetrics(listening: () => number): WorkerMetrics {
  const running = new Map<number, Snapshot>();
  let ended: Snapshot = [];
  let ends = 0;

  function end(worker: number): void {
    ended = merged([ended, lastingPartOf(running.get(worker) ?? [])]);
    running.delete(worker);
  }

  function ofPrimary(): Snapshot {
    return [
      { ...ofWorkers.ends, type: 'counter', values: [{ labels: {}, value: ends }] },
      { ...ofWorkers.running, type: 'gauge', values: [{ labels: {}, value: listening() }] },
    ];
  }

  return {
    update: (worker, snapshot) => void running.set(worker, snapshot),
    end,
    countEnd() {
      ends += 1;
    },
    // The running ones first: theirs are all metrics, in the order of the table.
    text: (accept) => textOf(registryOf(merged([...running.values(), ended, ofPrimary()])), accept),
  };
}
