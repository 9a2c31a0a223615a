/**
 * The only writer of logs: one JSON line for each event, to standard output. Events without a line are for metrics/measured-telemetry.ts.
 *
 * Each event is a method with a fixed set of fields, and there is no other way to log. So no token, recipient, upstream address,
 * body or stack trace gets into a line by accident.
 */
import { LRUCache } from 'lru-cache';
import { type Level, type Logger, pino } from 'pino';
import { attemptLine, operationLine } from './log-lines.ts';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = Level | 'silent';

/** Where a result came from: a cached response, the cache in memory, another read's call, Redis, or a call of its own. */
export type ReadSource = 'response' | 'memory' | 'shared' | 'redis' | 'd7';
export type Transport = 'http' | 'sse' | 'websocket';
type ResultKind = 'final' | 'live' | 'missing';

/** W3C Trace Context: the client's, or the gateway's own where it traces. */
type Trace = { traceparent?: string; tracestate?: string };

type OperationEvent = {
  /** Correlates the lines of one operation. It is also the header X-Request-Id of the response and of the calls to D7. */
  operationId: string;
  /** Undefined where there is no valid operation. */
  operationType: 'query' | 'mutation' | 'subscription' | undefined;
  operationName: string | undefined;
  /** Whether a trusted document has this name. */
  isTrusted: boolean;
  clientName: string | undefined;
  /** A keyed hash of the token. */
  caller: string | undefined;
  /** The distinct public codes of its errors. */
  codes: readonly string[];
  /** Results from caches, results of other reads' calls, and calls to D7. */
  cached: number;
  shared: number;
  called: number;
  /** Of the response, or of all events, before compression. Undefined without a response of its own. */
  bytes: number | undefined;
  startedMs: number;
  trace: Trace;
};

type OriginRefusedEvent = { origin: string };

type AttemptEvent = {
  operationId: string;
  requestId: string;
  /** Counted from 1. */
  attempt: number;
  /** `log`, `noSuchLog`, or the kind of failure. */
  outcome: string;
  /** What was wrong, without any value from D7. */
  reason: string | undefined;
  startedMs: number;
  /** The part of its time that it waited. */
  queueMs: number;
  /** 0 without a response. */
  status: number;
  trace: Trace;
};

/** A call to D7 that was not sent: the circuit was open, the queue was full, or the deadline was too close. */
type NotSentEvent = {
  operationId: string;
  requestId: string;
  reason: string;
};

/** An operation that a rate limit of the gateway has rejected. */
export type RateLimitedEvent = {
  operationId: string;
  /** A keyed hash of the token. Undefined without one. */
  caller: string | undefined;
  /** Whose limit it was: that of the caller, or that of all callers. */
  reason: 'caller' | 'total';
};

export type CircuitEvent = {
  scope: 'all' | 'caller';
  state: 'open' | 'halfOpen' | 'closed';
  /** A keyed hash of the token of the caller whose circuit it is. */
  caller: string | undefined;
};

type SchemaDriftEvent = {
  operationId: string;
  requestId: string;
  /** Without an index: `messages[].schedule_time`. */
  path: string;
  expected: string;
  /** How many values of the log deviate, or are missing. */
  count: number;
};

type WorkerEndedEvent = {
  pid: number;
  /** Its exit code or signal, or why it did not start. */
  reason: string;
  /** After how long the next one is started, and how many in a row have ended soon. */
  restartInMs: number;
  soonEnds: number;
};

export type Telemetry = {
  /** At the start, secrets omitted. */
  settings: (settings: Readonly<Record<string, unknown>>) => void;
  listening: (event: { url: string; metricsUrl: string | undefined }) => void;
  stopping: (event: { signal: string }) => void;
  workerStarted: (event: { pid: number }) => void;
  /** It ended without being asked to. */
  workerEnded: (event: WorkerEndedEvent) => void;
  /** The operator asked for new workers. */
  replacingWorkers: () => void;
  workersReplaced: (event: { count: number }) => void;
  /** A new worker did not start: the old ones stay. */
  workersNotReplaced: (event: { reason: string }) => void;
  /** One line for each operation. */
  operation: (event: OperationEvent) => void;
  /** A browser asked for a page whose origin is not listed. At most one line a second. */
  originRefused: (event: OriginRefusedEvent) => void;
  /** One line for each call that was sent to D7. */
  attempt: (event: AttemptEvent) => void;
  /** At most one line a second, with the number of calls by reason and the last one as an example. */
  notSent: (event: NotSentEvent) => void;
  /** At most one line a second, with the number of operations by limit and the last one as an example. */
  rateLimited: (event: RateLimitedEvent) => void;
  /** One line for each change of the circuit of all callers. Those of callers have at most a few lines a second, and then their number. */
  circuit: (event: CircuitEvent) => void;
  /** A result of a log, or several. No line. */
  read: (source: ReadSource, kind: ResultKind, count: number) => void;
  /** An attempt that follows a failed one. No line. */
  retry: () => void;
  /** A read of a followed log. No line. */
  poll: () => void;
  /** An event of a subscription. No line. */
  event: () => void;
  /** A response or an event, before compression and after. No line. */
  responseSent: (transport: Transport, bytes: number, sentBytes: number) => void;
  /**
   * D7 sent a value of another type, or none: the response has the one value that it can mean, or null. One line for each log and field,
   * however often the log is read.
   */
  schemaDrift: (event: SchemaDriftEvent) => void;
  /** Redis does not answer, or rejects writes. Logged once until it is available again. */
  redisUnavailable: (event: { reason: string }) => void;
  redisAvailable: () => void;
  /** The address is that of one node of a cluster, which serves only its own slots. Logged once. */
  redisIsClusterNode: (event: { reason: string }) => void;
  /** The SDK of OpenTelemetry could not send spans. At most one line a second, without its message, which may have an address. */
  tracesNotSent: () => void;
  /** A bug of this gateway, which the caller sees as "Unexpected error." The line has its name and its path in the query only. */
  unexpectedError: (error: unknown) => void;
  /** Writes all pending lines; called before the process ends. */
  flush: () => Promise<void>;
};

export type LogDestination = {
  write: (line: string) => void;
  /** Calls the listener with the number of dropped lines, once there is space for a line about them. */
  onDropped?: (listener: (count: number) => void) => void;
  flush?: () => Promise<void>;
};

const tallyMs = 1000;

export function createTelemetry(level: LogLevel, destination: LogDestination): Telemetry {
  const clock = createClock();
  const log = pino({ level, base: null, timestamp: clock }, destination);
  const isInfoEnabled = log.isLevelEnabled('info');
  const notSent = createTally<NotSentEvent>((tally) => log.warn(tally, 'upstream calls not sent'));
  const rateLimited = createTally<RateLimitedEvent>((tally) => log.warn(tally, 'operations rejected: rate limit'));
  const circuits = createCircuitLog(log);
  destination.onDropped?.((count) => log.warn({ count }, 'log lines dropped: standard output was not read in time'));

  async function flush(): Promise<void> {
    notSent.report();
    rateLimited.report();
    circuits.report();
    await destination.flush?.();
  }

  return {
    settings: (settings) => log.info({ settings }, 'effective settings'),
    listening: (event) => log.info(event, 'listening'),
    stopping: ({ signal }) => log.info({ signal }, 'stopping'),
    workerStarted: ({ pid }) => log.info({ pid }, 'worker started'),
    workerEnded: ({ pid, reason, restartInMs, soonEnds }) =>
      log.error({ pid, reason, restartInMs, soonEnds }, 'worker ended: another one is started'),
    replacingWorkers: () => log.info('replacing the workers'),
    workersReplaced: ({ count }) => log.info({ count }, 'workers replaced'),
    workersNotReplaced: ({ reason }) => log.error({ reason }, 'workers not replaced: a new one did not start'),
    operation: (event) => {
      if (isInfoEnabled) destination.write(operationLine(clock(), since(event.startedMs), event));
    },
    originRefused: atMostOnceASecond(({ origin }: OriginRefusedEvent) =>
      log.warn({ origin }, 'origin refused: CORS_ORIGINS does not list it'),
    ),
    attempt: (event) => {
      const durationMs = since(event.startedMs);
      if (event.reason === undefined) {
        if (isInfoEnabled) destination.write(attemptLine(clock(), durationMs, event));
        return;
      }
      const { operationId, requestId, attempt, outcome, reason, queueMs } = event;
      const line = { operationId, requestId, attempt, outcome, reason, durationMs, queueMs: Math.round(queueMs) };
      log.warn(line, 'upstream attempt failed');
    },
    notSent: notSent.add,
    rateLimited: rateLimited.add,
    circuit: circuits.write,
    read: none,
    retry: none,
    poll: none,
    event: none,
    responseSent: none,
    schemaDrift: createDriftLog(({ operationId, requestId, path, expected, count }) =>
      log.warn({ operationId, requestId, path, expected, count }, 'schema drift: D7 sent an unexpected value'),
    ),
    redisUnavailable: ({ reason }) => log.warn({ reason }, 'Redis unavailable: replicas share no cache'),
    redisAvailable: () => log.info('Redis available again'),
    redisIsClusterNode: ({ reason }) =>
      log.warn({ reason }, 'Redis is one node of a cluster: replicas share the cache of some callers only'),
    tracesNotSent: atMostOnceASecond(() => log.warn('traces not sent: OTEL_LOG_LEVEL=error shows why')),
    unexpectedError: (error) => log.error(nameAndPathOf(error), 'unexpected error'),
    flush,
  };
}

type Tally<Event> = { count: number; reasons: Record<string, number>; last: Omit<Event, 'reason'> };

/** Counts events and reports the counts at most once a second. */
function createTally<Event extends { reason: string }>(report: (tally: Tally<Event>) => void) {
  let tally: Tally<Event> | undefined;
  let timer: NodeJS.Timeout | undefined;

  function add({ reason, ...last }: Event): void {
    tally ??= { count: 0, reasons: {}, last };
    tally.count += 1;
    tally.reasons[reason] = (tally.reasons[reason] ?? 0) + 1;
    tally.last = last;
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

const circuitMessages = {
  open: 'circuit opens: calls to D7 are not sent',
  halfOpen: 'circuit half-opens: a few calls probe D7',
  closed: 'circuit closes: calls to D7 are sent again',
} as const satisfies Record<CircuitEvent['state'], string>;

/** An outage opens the circuits of all callers, who may be thousands: beyond so many lines in a second the changes are counted. */
const maxCallerCircuitLines = 10;

function createCircuitLog(log: Pick<Logger, 'warn'>) {
  let written = 0;
  let omitted: Record<CircuitEvent['state'], number> | undefined;
  let timer: NodeJS.Timeout | undefined;

  function write({ scope, state, caller }: CircuitEvent): void {
    if (scope === 'caller') {
      timer ??= setTimeout(report, tallyMs).unref();
      written += 1;
      if (written > maxCallerCircuitLines) {
        omitted ??= { open: 0, halfOpen: 0, closed: 0 };
        omitted[state] += 1;
        return;
      }
    }
    log.warn({ scope, caller }, circuitMessages[state]);
  }

  function report(): void {
    clearTimeout(timer);
    timer = undefined;
    written = 0;
    if (omitted) log.warn({ scope: 'caller', ...omitted }, 'circuits of more callers changed');
    omitted = undefined;
  }

  return { write, report };
}

function none(): void {}

/** For what others can cause without end: it must not fill the log. */
function atMostOnceASecond<Event extends unknown[]>(write: (...event: Event) => void) {
  let writtenMs = Number.NEGATIVE_INFINITY;
  return (...event: Event): void => {
    if (performance.now() - writtenMs < tallyMs) return;
    writtenMs = performance.now();
    write(...event);
  };
}

/** A log that is followed deviates in each poll. Beyond this many logs and fields the oldest is forgotten, and reported again when it is read. */
const maxKnownDrifts = 10_000;

function createDriftLog(write: (event: SchemaDriftEvent) => void) {
  const known = new LRUCache<string, true>({ max: maxKnownDrifts });
  return (event: SchemaDriftEvent): void => {
    // No request id contains a space.
    const key = `${event.requestId} ${event.path}`;
    if (known.get(key)) return;
    known.set(key, true);
    write(event);
  };
}

/** Formats a second once, and then only its milliseconds. */
function createClock(): () => string {
  let formattedMs = 0;
  let formatted = '';
  let secondMs = 0;
  let second = '';
  return () => {
    const nowMs = Date.now();
    if (nowMs === formattedMs) return formatted;
    const ofSecond = nowMs % 1000;
    if (nowMs - ofSecond !== secondMs) {
      secondMs = nowMs - ofSecond;
      second = new Date(nowMs).toISOString().slice(0, -4);
    }
    formattedMs = nowMs;
    formatted = `,"time":"${second}${String(ofSecond).padStart(3, '0')}Z"`;
    return formatted;
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
