/**
 * The only writer of logs: one JSON line an event, to standard output.
 *
 * Each event is a method with the fields it may tell, and there is no way to log anything else. So no token, recipient,
 * upstream address, body or stack can get into a line by accident: whoever wants one there has to write it here first.
 */
import { type DestinationStream, type Level, pino } from 'pino';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = Level | 'silent';

type OperationEvent = {
  /** What joins the lines of one call: it is in the answer's header X-Request-Id, and goes upstream. */
  operationId: string;
  operationName: string | undefined;
  /** The public codes of its errors, each once; empty when all went well. */
  codes: readonly string[];
  startedMs: number;
};

type AttemptEvent = {
  operationId: string;
  requestId: string;
  /** Counted from 1. */
  attempt: number;
  /** `log`, `noSuchLog`, or the kind of failure. */
  outcome: string;
  /** What was wrong, never a value. */
  reason: string | undefined;
  startedMs: number;
};

export type Telemetry = {
  listening: (event: { url: string }) => void;
  stopping: (event: { signal: string }) => void;
  /** One line an operation. */
  operation: (event: OperationEvent) => void;
  /** One line a call to D7. */
  attempt: (event: AttemptEvent) => void;
  /** D7 sent a field that it should not have sent; the answer went out without it. */
  oddField: (event: { operationId: string; requestId: string; path: string; expected: string }) => void;
  /** Redis does not answer, or does not take what it is given; told once, until it is found again. */
  sharedCacheLost: (event: { reason: string }) => void;
  sharedCacheFound: () => void;
  /** A bug of ours: the caller read "Unexpected error." Only its name and its place in the query are told. */
  unexpectedError: (error: unknown) => void;
};

const flushEveryMs = 100;
/** A write goes by another thread, and that costs as much as a hundred lines. */
const batchBytes = 64 * 1024;

/**
 * In batches, at the latest after a tenth of a second and at the end of the process: a write for each line would cost as much as
 * the line. The lines are put together here, as bytes: pino's destination measures all that it holds again with each line it is
 * given, and lines that are strings, each made of many, keep the garbage collector busy until they are written.
 */
function standardOutput(): DestinationStream {
  let batch = Buffer.allocUnsafe(batchBytes);
  let length = 0;

  function flush(): void {
    if (length > 0) out.write(batch.toString('utf8', 0, length));
    length = 0;
  }

  // Before the destination's own listener, which ends it.
  process.on('beforeExit', flush);
  const out = pino.destination({ fd: 1, sync: false, maxWrite: 4 * batchBytes });
  process.on('exit', () => {
    flush();
    out.flushSync();
  });
  setInterval(flush, flushEveryMs).unref();

  return {
    write(line) {
      // UTF-8 has at most three bytes for each unit of a string.
      const mostBytes = line.length * 3;
      if (length + mostBytes > batch.length) flush();
      if (mostBytes > batch.length) batch = Buffer.allocUnsafe(mostBytes);
      length += batch.write(line, length);
    },
  };
}

/** Written anew each millisecond, and not for each line. */
function createClock(): () => string {
  let writtenMs = 0;
  let written = '';
  return () => {
    const nowMs = Date.now();
    if (nowMs !== writtenMs) {
      writtenMs = nowMs;
      written = `,"time":"${new Date(nowMs).toISOString()}"`;
    }
    return written;
  };
}

export function createTelemetry(level: LogLevel, destination: DestinationStream = standardOutput()): Telemetry {
  const log = pino({ level, base: null, timestamp: createClock() }, destination);
  return {
    listening: ({ url }) => log.info({ url }, 'listening'),
    stopping: ({ signal }) => log.info({ signal }, 'stopping'),
    operation: ({ operationId, operationName, codes, startedMs }) =>
      log.info({ operationId, operationName, codes, durationMs: since(startedMs) }, 'operation'),
    attempt: ({ operationId, requestId, attempt, outcome, reason, startedMs }) => {
      const line = { operationId, requestId, attempt, outcome, reason, durationMs: since(startedMs) };
      if (reason === undefined) log.info(line, 'upstream attempt');
      else log.warn(line, 'upstream attempt failed');
    },
    oddField: ({ operationId, requestId, path, expected }) =>
      log.warn({ operationId, requestId, path, expected }, 'D7 sent an odd field'),
    sharedCacheLost: ({ reason }) => log.warn({ reason }, 'shared cache lost'),
    sharedCacheFound: () => log.info('shared cache found again'),
    unexpectedError: (error) => log.error(nameAndPathOf(error), 'unexpected error'),
  };
}

function since(startedMs: number): number {
  return Math.round(performance.now() - startedMs);
}

function nameAndPathOf(error: unknown): { name: string; path: string } {
  const { path, originalError } = error as { path?: readonly (string | number)[]; originalError?: Error };
  const thrown = originalError ?? error;
  return { name: thrown instanceof Error ? thrown.name : typeof thrown, path: path?.join('.') ?? '' };
}
