/**
 * One worker, as the primary sees it: a process that is started, reports, drains and ends.
 */
import cluster, { type Worker } from 'node:cluster';
import type { Snapshot } from '../metrics/snapshot.ts';
import type { FromWorker, StartMessage, ToWorker } from './messages.ts';

export type WorkerListeners = {
  onRejected: (callerKey: string) => void;
  onMetrics: (snapshot: Snapshot) => void;
};

export class WorkerProcess {
  readonly startedMs = performance.now();
  /** Whether another one takes its place when it ends. */
  isRestarted = false;
  /** Where it listens, once it does. */
  url: string | null = null;
  /** Resolves to null when it listens, and to the reason when it does not start. */
  readonly start: Promise<string | null>;
  /** Resolves to the reason when the process has ended. */
  readonly end: Promise<string>;
  readonly #worker: Worker;
  readonly #listeners: WorkerListeners;
  #reading: PromiseWithResolvers<void> | null = null;
  #settleStart: (fault: string | null) => void = () => {};
  #fault: string | null = null;

  constructor(message: StartMessage, listeners: WorkerListeners) {
    this.#listeners = listeners;
    this.#worker = cluster.fork();
    const started = Promise.withResolvers<string | null>();
    this.start = started.promise;
    this.#settleStart = started.resolve;
    this.#worker.on('message', (received: FromWorker) => this.#onMessage(received));
    this.end = this.#untilEnd();
    closeLostConnection(this.#worker);
    this.send(message);
  }

  get id(): number {
    return this.#worker.id;
  }

  get pid(): number {
    return this.#worker.process.pid ?? 0;
  }

  send(message: ToWorker): void {
    if (this.#worker.isConnected()) this.#worker.send(message, () => {});
  }

  /** It answers what it has taken, and ends. @param isReplaced by a new worker. */
  drain(isReplaced: boolean): void {
    this.isRestarted = false;
    this.send({ type: 'drain', isReplaced });
  }

  /** Resolves when its metrics have arrived, or it has ended. */
  async readMetrics(): Promise<void> {
    if (this.url === null) return;
    if (this.#reading === null) {
      this.#reading = Promise.withResolvers();
      this.send({ type: 'readMetrics' });
    }
    await this.#reading.promise;
  }

  kill(): void {
    this.#worker.process.kill('SIGKILL');
  }

  #onMessage(message: FromWorker): void {
    switch (message.type) {
      case 'listening':
        this.url = message.url;
        this.#settleStart(null);
        return;
      case 'failed':
        this.#fault = message.fault;
        return;
      case 'rejected':
        this.#listeners.onRejected(message.callerKey);
        return;
      case 'metrics':
        this.#listeners.onMetrics(message.snapshot);
        this.#endReading();
    }
  }

  async #untilEnd(): Promise<string> {
    const exit = await new Promise<string>((resolve) => {
      this.#worker.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
      // Without a process there is no exit. Any other error is of a message to a process that has just ended.
      this.#worker.on('error', ({ message }) => this.pid === 0 && resolve(message));
    });
    const reason = this.#fault ?? exit;
    this.#settleStart(reason);
    this.#endReading();
    return reason;
  }

  #endReading(): void {
    this.#reading?.resolve();
    this.#reading = null;
  }
}

/**
 * node:cluster forgets the connection that it has passed to a worker which ends before it takes it: nobody closes it, and its client waits
 * for ever. Of each worker there is at most one, since the next is passed when the last is taken. Closed, its client tries again.
 */
function closeLostConnection({ process: child }: Worker): void {
  let passed: { close: () => void } | undefined;
  const send = child.send.bind(child) as (...given: unknown[]) => boolean;
  child.send = (...given: unknown[]) => {
    const [message, handle] = given as [{ act?: string }, typeof passed];
    if (message.act === 'newconn') passed = handle;
    return send(...given);
  };
  // Without effect if it was taken: then it is closed here already.
  child.once('exit', () => passed?.close());
}
