/**
 * One of several gateways on one port. The primary starts this process, and tells it when to drain.
 */
import closeWithGrace from 'close-with-grace';
import { readConfig } from '../config.ts';
import { type Gateway, openGateway, type WorkerLink } from '../server.ts';
import { openStandardOutput, sharedBatchBytes } from '../standard-output.ts';
import { startFaultOf } from '../start-fault.ts';
import { createTelemetry, type Telemetry } from '../telemetry.ts';
import type { FromWorker, StartMessage, ToWorker } from './messages.ts';

/** A terminal and a service manager send them to every process of the group: the primary alone decides. */
const signalsOfPrimary = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR2'] as const;

for (const signal of signalsOfPrimary) process.on(signal, () => {});

let opening: Promise<{ gateway: Gateway; stop: () => void }> | null = null;
let isReplaced = false;
let onRejection = (_callerKey: string) => {};
let sendMetrics = async () => {};

process.on('message', (message: ToWorker) => {
  switch (message.type) {
    case 'start':
      opening = start(message);
      return;
    case 'rejected':
      onRejection(message.callerKey);
      return;
    case 'readMetrics':
      void sendMetrics();
      return;
    case 'drain':
      isReplaced = message.isReplaced;
      void opening?.then(({ stop }) => stop());
  }
});

async function start(message: StartMessage): Promise<{ gateway: Gateway; stop: () => void }> {
  try {
    return await run(message);
  } catch (error) {
    await send({ type: 'failed', fault: startFaultOf(error) });
    process.exit(1);
  }
}

async function run({ environment, port, callerSecret, graphiql, board }: StartMessage) {
  const config = { ...readConfig({ ...environment, PORT: String(port) }), callerSecret };
  const telemetry = createTelemetry(config.logLevel, openStandardOutput(config.maxPendingLogBytes, sharedBatchBytes));
  const gateway = await openGateway({ config, telemetry, graphiql, link, ...(board && { board }) });
  const stop = drainAtEnd(gateway, telemetry, config.listener.shutdownTimeoutMs);
  await send({ type: 'listening', url: gateway.url });
  return { gateway, stop };
}

const link: WorkerLink = {
  publishRejection: (callerKey) => void send({ type: 'rejected', callerKey }),
  onRejection(listener) {
    onRejection = listener;
  },
  serveMetrics(read) {
    sendMetrics = async () => send({ type: 'metrics', snapshot: await read() });
  },
};

/** Also after an unexpected error: what is in flight is answered, and the primary starts another worker. */
function drainAtEnd(gateway: Gateway, telemetry: Telemetry, shutdownTimeoutMs: number): () => void {
  // The gateway has its own time limit for stopping. This one ends the process if that one fails.
  const options = { delay: shutdownTimeoutMs + 2000, logger: false as const, skip: [...signalsOfPrimary] };
  return closeWithGrace(options, async ({ err }) => {
    if (err) telemetry.unexpectedError(err);
    await gateway.close(isReplaced);
    await sendMetrics();
    await telemetry.flush();
  }).close;
}

/** Resolves when it is written. */
function send(message: FromWorker): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected) return resolve();
    process.send?.(message, undefined, undefined, () => resolve());
  });
}
