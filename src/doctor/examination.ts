/**
 * One live call to D7, by the client of the gateway, and what it shows: the connection, the response, and each field of the log.
 */
import { randomUUID } from 'node:crypto';
import { BytesInFlight } from '../bytes-in-flight.ts';
import type { Config } from '../config.ts';
import { attemptRead } from '../d7/attempt.ts';
import { Cancellation } from '../d7/cancellation.ts';
import { Connections } from '../d7/connections.ts';
import { Deadlines } from '../d7/deadlines.ts';
import { type FailureKind, ViberLogFailure } from '../d7/failures.ts';
import { FairQueue } from '../d7/fair-queue.ts';
import type { SchemaDrift } from '../d7/log/drift-counts.ts';
import type { ReadResult } from '../d7/read-result.ts';
import { type FieldRow, fieldRowsOf, notesOn } from './contract.ts';
import { recordTimeline, type Timeline, type Tls } from './timeline.ts';
import { type Verdict, verdictOf } from './verdicts.ts';

export type Examination = {
  verdict: Verdict;
  /** Null where D7 was not reached. The time is that of the connection with its TLS. */
  connection: { ms: number; tls: Tls | null } | null;
  response: { status: number; headersMs: number; totalMs: number; bytes: number } | null;
  /** The reason has no value from D7 and no address. */
  failure: { kind: FailureKind; reason: string; retryAfterSeconds: number | null } | null;
  fields: FieldRow[];
  notes: string[];
};

type Read = { result?: ReadResult; failure?: ViberLogFailure; drifts: SchemaDrift[]; totalMs: number };

/** One attempt without a retry, so that the first failure is seen. */
export async function examine(config: Config, token: string, requestId: string): Promise<Examination> {
  const { timeline, stop } = recordTimeline(config.upstream.connections.origin);
  try {
    const read = await readOnce(config, token, requestId);
    return examinationOf(read, timeline, requestId);
  } finally {
    stop();
  }
}

async function readOnce({ upstream, maxBytesInFlight }: Config, token: string, requestId: string): Promise<Read> {
  const { limits } = upstream;
  const connections = new Connections(upstream.connections);
  const bytesInFlight = new BytesInFlight(maxBytesInFlight);
  const queue = new FairQueue(upstream.queue);
  const parts = { connections, queue, deadlines: new Deadlines(), bytesInFlight, limits };
  const caller = { token, operationId: randomUUID(), trace: {} };
  const startedMs = performance.now();
  // Later than any limit of the attempt, which then names the failure.
  const deadlineMs = startedMs + 2 * limits.attemptTimeoutMs;
  const figures = { queueMs: 0, status: 0 };
  const budget = { token, priority: 'interactive', deadlineMs, cancellation: new Cancellation(), figures } as const;
  const drifts: SchemaDrift[] = [];
  const report = (drift: SchemaDrift) => drifts.push(drift);
  const totalMs = () => Math.round(performance.now() - startedMs);
  try {
    const result = await attemptRead(parts, requestId, caller, report, budget);
    return { result, drifts, totalMs: totalMs() };
  } catch (failure) {
    if (!(failure instanceof ViberLogFailure)) throw failure;
    return { failure, drifts, totalMs: totalMs() };
  } finally {
    await connections.close();
  }
}

function examinationOf({ result, failure, drifts, totalMs }: Read, timeline: Timeline, requestId: string): Examination {
  const { connectedMs, tls = null, status, headersMs = 0, contentType = '', bodyParts } = timeline;
  const body = Buffer.concat(bodyParts);
  const log = result?.kind === 'log' ? result.log : null;
  const fields = log ? fieldRowsOf(log, drifts) : [];
  return {
    verdict: failure ? verdictOf(failure.kind, connectedMs !== undefined) : verdictOn(log !== null, fields),
    connection: connectedMs === undefined ? null : { ms: connectedMs, tls },
    response: status === undefined ? null : { status, headersMs, totalMs, bytes: body.length },
    failure: failure ? failureRowOf(failure) : null,
    fields,
    notes: log ? notesOn(body, requestId, contentType) : [],
  };
}

function verdictOn(hasLog: boolean, fields: readonly FieldRow[]): Verdict {
  if (!hasLog) return 'noSuchLog';
  return fields.some(({ state }) => state === 'drift') ? 'drift' : 'healthy';
}

function failureRowOf({ kind, message, retryAfterSeconds }: ViberLogFailure): Examination['failure'] {
  return { kind, reason: message, retryAfterSeconds: retryAfterSeconds ?? null };
}
