/**
 * Starts the gateway, and drains it on a signal.
 */
import { flushCompileCache } from 'node:module';
import closeWithGrace from 'close-with-grace';
import { readConfig, readLauncher } from './config.ts';
import type { Environment } from './environment.ts';
import type { BoardHints } from './inbound/board-files.ts';
import type { GraphiQLOptions } from './inbound/graphiql.ts';
import { npmSignals, stopWithNpm } from './npm-parent.ts';
import type { Gateway } from './server.ts';
import { openStandardOutput, sharedBatchBytes } from './standard-output.ts';
import { startFaultOf } from './start-fault.ts';
import { createTelemetry } from './telemetry.ts';
import type { WorkersParts } from './workers/primary.ts';

export type RunOptions = {
  environment: Environment;
  graphiql: GraphiQLOptions;
  /** What the delivery board offers at first. */
  board?: BoardHints;
  /** Closed after the gateway, when the process stops. */
  upstream?: { close: () => Promise<void> };
};

if (import.meta.main) {
  const graphiql = {
    authorization: 'Bearer <your D7 API token>',
    exampleRequestIds: ['<request id>', '<another request id>'],
    exampleLargeRequestId: '<request id>',
    exampleLiveRequestId: '<request id>',
  };
  await startOrExit(() => run({ environment: process.env, graphiql }));
}

/** Runs the gateway until a signal. A second signal ends the process at once. */
export async function run({ environment, graphiql, board, upstream }: RunOptions): Promise<Gateway> {
  const config = readConfig(environment);
  const hasWorkers = config.workers > 1;
  const output = openStandardOutput(config.maxPendingLogBytes, hasWorkers ? sharedBatchBytes : undefined);
  const telemetry = createTelemetry(config.logLevel, output);
  telemetry.settings(config.effectiveSettings);
  const gateway = await open({ config, telemetry, environment, graphiql, ...(board && { board }) });
  // The gateway has its own time limit for stopping. This one ends the process if that one fails.
  const delay = config.listener.shutdownTimeoutMs + 2000;
  const launcher = readLauncher(environment);
  let isStopping = false;
  let reason = 'none';
  // The primary replaces its workers at SIGUSR2.
  const skip = [...(launcher ? npmSignals : []), ...(hasWorkers ? ['SIGUSR2' as const] : [])];
  const { close } = closeWithGrace({ delay, logger: false, skip }, async ({ signal, err }) => {
    isStopping = true;
    if (err) telemetry.unexpectedError(err);
    telemetry.stopping({ signal: signal ?? reason });
    await gateway.close();
    await upstream?.close();
    await telemetry.flush();
  });
  const stop = (why: string) => {
    reason = why;
    close();
  };
  if (launcher) stopWithNpm({ launcher, isStopping: () => isStopping, stop });
  // Last, because a supervisor that waits for this line may send a signal at once, and the handlers must be installed by then.
  telemetry.listening({ url: gateway.url, metricsUrl: gateway.metricsUrl });
  // Node writes it at the end, and a process that is killed never. Without NODE_COMPILE_CACHE there is none.
  flushCompileCache();
  return gateway;
}

/** A failed start prints a message for the operator, and ends the process. */
export async function startOrExit<Started>(start: () => Promise<Started>): Promise<Started> {
  try {
    return await start();
  } catch (error) {
    console.error(startFaultOf(error));
    process.exit(1);
  }
}

/** Only one of the two is loaded: the primary of several workers needs no gateway, and one gateway needs no primary. */
async function open(parts: WorkersParts): Promise<Gateway> {
  if (parts.config.workers > 1) {
    const { openWorkers } = await import('./workers/primary.ts');
    return openWorkers(parts);
  }
  const { openGateway } = await import('./server.ts');
  return openGateway(parts);
}
