/**
 * Several gateways on one port, each in a process of its own (WORKERS): starts them, restarts those that end, and drains them.
 *
 * The primary accepts connections and passes each to the next free worker (node:cluster, round robin). It handles no request itself.
 */
import cluster from 'node:cluster';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config.ts';
import type { Environment } from '../environment.ts';
import type { MetricsListener } from '../inbound/metrics-listener.ts';
import type { WorkerMetrics } from '../metrics/worker-metrics.ts';
import type { Gateway, GatewayParts } from '../server.ts';
import { StartError } from '../start-fault.ts';
import { randomSecret } from '../viber-log/caller-key.ts';
import type { StartMessage } from './messages.ts';
import { restartDelayMs, soonEndsAfter } from './restart-delay.ts';
import { WorkerProcess } from './worker-process.ts';

export type WorkersParts = GatewayParts & { environment: Environment };

/** A worker that is busy for so long appears with its last figures. */
const metricsTimeoutMs = 1000;

/** Resolves when all workers listen; from then on those that end are restarted. @throws StartError if one does not start. */
export async function openWorkers({ config, telemetry, environment, graphiql, board }: WorkersParts): Promise<Gateway> {
  const message: StartMessage = {
    type: 'start',
    environment,
    port: await findPort(config.listener),
    callerSecret: config.callerSecret ?? randomSecret(),
    graphiql,
    ...(board && { board }),
  };
  const workers = new Set<WorkerProcess>();
  const restarts = new Set<NodeJS.Timeout>();
  const metrics = config.metrics && (await createMetrics(() => [...workers].filter(({ url }) => url !== null).length));
  const metricsListener = config.metrics && metrics && (await serveMetrics(config.metrics, metrics));
  let isStopping = false;
  let isReplacing = false;
  cluster.setupPrimary({ exec: fileURLToPath(new URL('worker.ts', import.meta.url)), args: [] });

  /** @param soonEnds how many workers in a row have ended soon at this place. */
  function startWorker(soonEnds: number): WorkerProcess {
    const worker = new WorkerProcess(message, {
      onRejected(callerKey) {
        for (const other of workers) if (other !== worker) other.send({ type: 'rejected', callerKey });
      },
      onMetrics: (snapshot) => metrics?.update(worker.id, snapshot),
    });
    workers.add(worker);
    void worker.start.then((fault) => {
      if (fault !== null) return;
      worker.isRestarted = true;
      telemetry.workerStarted({ pid: worker.pid });
    });
    void worker.end.then((reason) => {
      workers.delete(worker);
      metrics?.end(worker.id);
      if (worker.isRestarted && !isStopping) restart(worker, reason, soonEnds);
    });
    return worker;
  }

  function restart({ pid, startedMs }: WorkerProcess, reason: string, soonEndsBefore: number): void {
    const soonEnds = soonEndsAfter(soonEndsBefore, performance.now() - startedMs);
    const restartInMs = restartDelayMs(soonEnds);
    metrics?.countEnd();
    telemetry.workerEnded({ pid, reason, restartInMs, soonEnds });
    const timer = setTimeout(() => {
      restarts.delete(timer);
      startWorker(soonEnds).isRestarted = true;
    }, restartInMs);
    restarts.add(timer);
  }

  /** One after the other, so that there are never fewer than WORKERS, and at most one more that starts. */
  async function replaceAll(): Promise<void> {
    if (isReplacing) return;
    isReplacing = true;
    telemetry.replacingWorkers();
    const old = [...workers];
    const fault = await firstFault(old);
    if (fault === null) telemetry.workersReplaced({ count: old.length });
    else telemetry.workersNotReplaced({ reason: fault });
    isReplacing = false;
  }

  async function firstFault(old: readonly WorkerProcess[]): Promise<string | null> {
    for (const worker of old) {
      if (isStopping) return 'stopping';
      // It has ended meanwhile: what was started in its place is new.
      if (!workers.has(worker)) continue;
      const fault = await replace(worker);
      if (fault !== null) return fault;
    }
    return null;
  }

  async function replace(worker: WorkerProcess): Promise<string | null> {
    worker.isRestarted = false;
    const fault = await startWorker(0).start;
    if (fault === null) {
      worker.drain(true);
      await worker.end;
    } else if (workers.has(worker)) worker.isRestarted = true;
    else restart(worker, await worker.end, 0);
    return fault;
  }

  async function serveMetrics(
    listen: NonNullable<Config['metrics']>,
    { text }: WorkerMetrics,
  ): Promise<MetricsListener> {
    const { openMetricsListener } = await import('../inbound/metrics-listener.ts');
    const textOfAll = async (accept: string | undefined) => {
      const timeout = pause(metricsTimeoutMs, undefined, { ref: false });
      await Promise.race([timeout, Promise.all([...workers].map((worker) => worker.readMetrics()))]);
      return text(accept);
    };
    return openMetricsListener(listen, textOfAll, telemetry.unexpectedError);
  }

  async function close(): Promise<void> {
    isStopping = true;
    for (const timer of restarts) clearTimeout(timer);
    // All at once: /ready must fail whichever of them answers, and they have one time limit.
    for (const worker of workers) worker.drain(false);
    await Promise.all([...workers].map(({ end }) => end));
    await metricsListener?.close();
  }

  // At a second signal nothing is left behind, not even a worker that is too busy to notice the end of the primary.
  process.on('exit', () => {
    for (const worker of workers) worker.kill();
  });
  const first = Array.from({ length: config.workers }, () => startWorker(0));
  const faults = await Promise.all(first.map(({ start }) => start));
  // Each has the same one.
  const fault = faults.find((text) => text !== null);
  if (fault !== undefined) throw new StartError(fault);
  process.on('SIGUSR2', () => void replaceAll());
  return { url: first[0]?.url ?? '', metricsUrl: metricsListener?.url, close, [Symbol.asyncDispose]: close };
}

/** PORT=0: any free port, the same for all workers and for later ones. @throws like the listener if the port cannot be opened. */
async function findPort({ host, port }: Config['listener']): Promise<number> {
  const server = createServer().listen(port, host);
  await once(server, 'listening');
  const { port: found } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return found;
}

async function createMetrics(listening: () => number): Promise<WorkerMetrics> {
  const { createWorkerMetrics } = await import('../metrics/worker-metrics.ts');
  return createWorkerMetrics(listening);
}
