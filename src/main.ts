/**
 * Starts the gateway, and drains it on a signal.
 */
import closeWithGrace from 'close-with-grace';
import { readConfig, readLauncher } from './config.ts';
import { ConfigError, type Environment } from './environment.ts';
import type { BoardHints } from './inbound/board-files.ts';
import type { GraphiQLOptions } from './inbound/graphiql.ts';
import { npmSignals, stopWithNpm } from './npm-parent.ts';
import { type Gateway, openGateway } from './server.ts';
import { openStandardOutput } from './standard-output.ts';
import { createTelemetry } from './telemetry.ts';

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
  const telemetry = createTelemetry(config.logLevel, openStandardOutput(config.maxPendingLogBytes));
  telemetry.settings(config.effectiveSettings);
  const gateway = await openGateway({ config, telemetry, graphiql, ...(board && { board }) });
  // The gateway has its own time limit for stopping. This one ends the process if that one fails.
  const delay = config.listener.shutdownTimeoutMs + 2000;
  const launcher = readLauncher(environment);
  let isStopping = false;
  let reason = 'none';
  const skip = launcher ? [...npmSignals] : [];
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
  return gateway;
}

/** A failed start prints a message for the operator, without a stack trace, and ends the process. */
export async function startOrExit<Started>(start: () => Promise<Started>): Promise<Started> {
  try {
    return await start();
  } catch (error) {
    console.error(startFault(error));
    process.exit(1);
  }
}

function startFault(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  const { code, port, address, message } = error as NodeJS.ErrnoException & { port?: number; address?: string };
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} of ${address} is in use: set PORT (METRICS_PORT for the metrics, SANDBOX_PORT for the sandbox) to another one.`;
    case 'EACCES':
      return `Port ${port} of ${address} may not be opened by this user: set PORT to 1024 or above.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return 'HOST is not an address of this machine: set it to one, or to 0.0.0.0 for all of them.';
    default:
      return `The gateway could not start: ${message}`;
  }
}
