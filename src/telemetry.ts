/**
 * The only writer of logs: one JSON line an event, to standard output.
 *
 * Each event is a method with the fields it may tell, and there is no way to log anything else. So no token, recipient,
 * upstream address, body or stack can get into a line by accident: whoever wants one there has to write it here first.
 */
import { type Level, pino } from 'pino';

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

/** A call to D7 that was never sent: the circuit was open, the queue full, or there was no time left. */
type NotSentEvent = {
  operationId: string;
  requestId: string;
  /** The kind of failure. */
  outcome: string;
};

type OddFieldEvent = {
  operationId: string;
  requestId: string;
  /** Without an index: `messages[].schedule_time`. */
  path: string;
  expected: string;
  /** How many of them the log has. */
  count: number;
};

export type Telemetry = {
  listening: (event: { url: string }) => void;
  stopping: (event: { signal: string }) => void;
  /** One line an operation. */
  operation: (event: OperationEvent) => void;
  /** One line a call to D7 that was sent. */
  attempt: (event: AttemptEvent) => void;
  /** At most one line a second, with their number by outcome and the last of them as an example. */
  notSent: (event: NotSentEvent) => void;
  /** D7 sent a field that it should not have sent; the answer went out without it. One line a field of a log. */
  schemaDrift: (event: OddFieldEvent) => void;
  /** Redis does not answer, or does not take what it is given; told once, until it is found again. */
  sharedCacheLost: (event: { reason: string }) => void;
  sharedCacheFound: () => void;
  /** A bug of ours: the caller read "Unexpected error." Only its name and its place in the query are told. */
  unexpectedError: (error: unknown) => void;
  /** Writes what is left, before the process ends. */
  flush: () => Promise<void>;
};

/** Where the lines go. */
export type LogDestination = {
  write: (line: string) => void;
  /** Calls the listener with the number of lines that were dropped, once there is space for one that says so. */
  onDropped?: (listener: (count: number) => void) => void;
  flush?: () => Promise<void>;
};

const tallyMs = 1000;

export function createTelemetry(level: LogLevel, destination: LogDestination): Telemetry {
  const log = pino({ level, base: null, timestamp: createClock() }, destination);
  const notSent = createTally((tally) => log.warn(tally, 'upstream calls not sent'));
  destination.onDropped?.((count) => log.warn({ count }, 'log lines dropped: standard output was not read in time'));

  async function flush(): Promise<void> {
    notSent.report();
    await destination.flush?.();
  }

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
    notSent: notSent.add,
    schemaDrift: ({ operationId, requestId, path, expected, count }) =>
      log.warn({ operationId, requestId, path, expected, count }, 'D7 sent an odd field'),
    sharedCacheLost: ({ reason }) => log.warn({ reason }, 'shared cache lost'),
    sharedCacheFound: () => log.info('shared cache found again'),
    unexpectedError: (error) => log.error(nameAndPathOf(error), 'unexpected error'),
    flush,
  };
}

type Tally = { count: number; outcomes: Record<string, number>; last: { operationId: string; requestId: string } };

/** Adds up for a second, then reports. */
function createTally(report: (tally: Tally) => void) {
  let tally: Tally | undefined;
  let timer: NodeJS.Timeout | undefined;

  function add({ operationId, requestId, outcome }: NotSentEvent): void {
    tally ??= { count: 0, outcomes: {}, last: { operationId, requestId } };
    tally.count += 1;
    tally.outcomes[outcome] = (tally.outcomes[outcome] ?? 0) + 1;
    tally.last = { operationId, requestId };
    timer ??= setTimeout(reportNow, tallyMs).unref();
  }

  function reportNow(): void {
    clearTimeout(timer);
    timer = undefined;
    if (tally) report(tally);
    tally = undefined;
  }

  return { add, report: reportNow };
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

function since(startedMs: number): number {
  return Math.round(performance.now() - startedMs);
}

function nameAndPathOf(error: unknown): { name: string; path: string } {
  const { path, originalError } = error as { path?: readonly (string | number)[]; originalError?: Error };
  const thrown = originalError ?? error;
  return { name: thrown instanceof Error ? thrown.name : typeof thrown, path: path?.join('.') ?? '' };
}
