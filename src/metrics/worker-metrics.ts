/**
 * The metrics of several workers as one: their sum, and that of the workers which have ended, so that no counter goes backwards.
 */
import { registryOf, textOf } from './metrics-text.ts';
import { lastingPartOf, merged, type Snapshot } from './snapshot.ts';

export type WorkerMetrics = {
  /** @param worker its id, which no later worker has. */
  update: (worker: number, snapshot: Snapshot) => void;
  /** Keeps what the worker has counted, up to its last snapshot. */
  end: (worker: number) => void;
  text: (accept: string | undefined) => Promise<{ contentType: string; body: string }>;
};

export function createWorkerMetrics(): WorkerMetrics {
  const running = new Map<number, Snapshot>();
  let ended: Snapshot = [];

  function end(worker: number): void {
    ended = merged([ended, lastingPartOf(running.get(worker) ?? [])]);
    running.delete(worker);
  }

  return {
    update: (worker, snapshot) => void running.set(worker, snapshot),
    end,
    // The running ones first: theirs are all metrics, in the order of the table.
    text: (accept) => textOf(registryOf(merged([...running.values(), ended])), accept),
  };
}
