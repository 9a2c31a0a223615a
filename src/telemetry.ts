/**
 * The only writer of logs: one JSON line an event, to standard output.
 *
 * Each event is a method with the fields it may tell, and there is no way to log anything else. So no token, recipient,
 * upstream address, body or stack can get into a line by accident: whoever wants one there has to write it here first.
 */
import { type DestinationStream, type Level, pino } from 'pino';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = Level | 'silent';

export type Telemetry = {
  listening: (event: { url: string }) => void;
  stopping: (event: { signal: string }) => void;
  /** Reading a log failed. `reason` names what was wrong, never a value. */
  readFailed: (event: { requestId: string; kind: string; reason: string }) => void;
  /** D7 sent a field that it should not have sent; the answer went out without it. */
  oddField: (event: { requestId: string; path: string; expected: string }) => void;
  /** A bug of ours: the caller read "Unexpected error." */
  unexpectedError: (event: { name: string; path: string }) => void;
};

export function createTelemetry(level: LogLevel, destination?: DestinationStream): Telemetry {
  const log = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination);
  return {
    listening: ({ url }) => log.info({ url }, 'listening'),
    stopping: ({ signal }) => log.info({ signal }, 'stopping'),
    readFailed: ({ requestId, kind, reason }) => log.warn({ requestId, kind, reason }, 'reading a log failed'),
    oddField: ({ requestId, path, expected }) => log.warn({ requestId, path, expected }, 'D7 sent an odd field'),
    unexpectedError: ({ name, path }) => log.error({ name, path }, 'unexpected error'),
  };
}
