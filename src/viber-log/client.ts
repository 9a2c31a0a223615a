/**
 * The D7 client: one request id and the caller's token in, what D7 says of the log out. HTTP is spoken here and nowhere else.
 */
import { Pool } from 'undici';
import type { Telemetry } from '../telemetry.ts';
import {
  DecodeFault,
  decodeNoSuchLog,
  decodeViberLog,
  type NoSuchLog,
  type ReportOddity,
  type ViberLog,
} from './decoder.ts';
import { type Answer, type ExchangeLimits, get } from './exchange.ts';
import { failureKindOf, ViberLogFailure } from './failures.ts';
import { retryAfterSeconds } from './retry-after.ts';

/** What D7 says of a request id: a missing log is an answer, not a failure. */
export type Reading = { kind: 'log'; log: ViberLog } | { kind: 'noSuchLog'; noSuchLog: NoSuchLog };

export type UpstreamConfig = ExchangeLimits & {
  /** The only place that a token is ever sent to. */
  origin: string;
  connections: number;
  connectTimeoutMs: number;
  headersTimeoutMs: number;
};

export type D7Client = {
  /** @throws ViberLogFailure in every case that is not a bug of ours. */
  fetchViberLog: (requestId: string, token: string) => Promise<Reading>;
  close: () => Promise<void>;
};

export function createD7Client(config: UpstreamConfig, telemetry: Telemetry): D7Client {
  const pool = new Pool(config.origin, {
    connections: config.connections,
    connect: { timeout: config.connectTimeoutMs },
    headersTimeout: config.headersTimeoutMs,
    // The time of the whole attempt bounds the body: a second clock for the pauses in it would add nothing.
    bodyTimeout: 0,
    // HTTP/2 would put all callers on one connection, and what D7 does with it is not known.
    allowH2: false,
  });

  async function fetchViberLog(requestId: string, token: string): Promise<Reading> {
    try {
      const answer = await get(pool, pathOf(requestId), headersFor(token), config);
      return readAnswer(answer, requestId, (oddity) => telemetry.oddField({ requestId, ...oddity }));
    } catch (error) {
      const failure = error instanceof DecodeFault ? new ViberLogFailure('badResponse', error.message) : error;
      if (failure instanceof ViberLogFailure) {
        telemetry.readFailed({ requestId, kind: failure.kind, reason: failure.message });
      }
      throw failure;
    }
  }

  return { fetchViberLog, close: () => pool.close() };
}

/** Encoding alone would not do: `..` stays `..`, and climbs out of the path. graphql/request-id.ts lets no dot through. */
function pathOf(requestId: string): string {
  return `/report/v1/viber-log/${encodeURIComponent(requestId)}`;
}

function headersFor(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}`, accept: 'application/json' };
}

function readAnswer({ status, headers, body }: Answer, requestId: string, report: ReportOddity): Reading {
  if (status === 200) return { kind: 'log', log: decodeViberLog(body, requestId, report) };
  const noSuchLog = status === 404 ? decodeNoSuchLog(body) : null;
  if (noSuchLog) return { kind: 'noSuchLog', noSuchLog };
  throw new ViberLogFailure(failureKindOf(status), reasonOf(status), {
    retryAfterSeconds: retryAfterSeconds(headers['retry-after'], Date.now()),
  });
}

function reasonOf(status: number): string {
  return status === 404 ? 'status 404 without a code of D7' : `status ${status}`;
}
