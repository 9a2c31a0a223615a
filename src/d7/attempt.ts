/**
 * One attempt to read a log: HTTP is spoken here and nowhere else. What is sent, and what each answer of D7 means.
 */

import { type Answer, type ExchangeOptions, type ExchangeParts, get } from './exchange.ts';
import { failureKindOf, isRetriable, ViberLogFailure } from './failures.ts';
import { DecodeFault, decodeNoSuchLog, decodeViberLog, type ReportSchemaDrift } from './log/decoder.ts';
import type { ViberLog } from './log/log-scanner.ts';
import type { ReadResult } from './read-result.ts';
import { retryAfterSeconds } from './retry-after.ts';

/** The caller's traceparent and tracestate (W3C Trace Context), where they came and are well written. */
export type TraceContext = { traceparent?: string; tracestate?: string };

/** In whose name a call is made. */
export type Caller = {
  token: string;
  /** Goes upstream as X-Request-Id, so that D7's log and ours can be laid side by side. */
  operationId: string;
  trace: TraceContext;
};

/** @throws ViberLogFailure in every case that is not a bug of ours. */
export function attemptRead(
  parts: ExchangeParts,
  requestId: string,
  caller: Caller,
  report: ReportSchemaDrift,
  options: ExchangeOptions,
): Promise<ReadResult> {
  const read = (answer: Answer) => readAnswer(answer, requestId, report);
  return get(parts, { path: pathOf(requestId), headers: headersFor(caller), read }, options);
}

/** Encoding alone would not do: `..` stays `..`, and climbs out of the path. graphql/request-id.ts lets no dot through. */
function pathOf(requestId: string): string {
  return `/report/v1/viber-log/${encodeURIComponent(requestId)}`;
}

/** Names and values in turn. */
function headersFor({ token, operationId, trace: { traceparent, tracestate } }: Caller): string[] {
  const headers = [
    'authorization',
    `Bearer ${token}`,
    'accept',
    'application/json',
    // Without it D7 may pack its answer as it likes (RFC 9110, section 12.5.3), and a packed answer has no size to trust.
    'accept-encoding',
    'identity',
    'x-request-id',
    operationId,
  ];
  if (traceparent !== undefined) headers.push('traceparent', traceparent);
  if (tracestate !== undefined) headers.push('tracestate', tracestate);
  return headers;
}

function readAnswer({ status, headers, body }: Answer, requestId: string, report: ReportSchemaDrift): ReadResult {
  const fetchedAt = new Date();
  const bodyBytes = body.length;
  if (status === 200) return { kind: 'log', log: logIn(body, requestId, report), fetchedAt, bodyBytes };
  const noSuchLog = status === 404 ? decodeNoSuchLog(body, requestId) : null;
  if (noSuchLog) return { kind: 'noSuchLog', noSuchLog, fetchedAt, bodyBytes };
  throw new ViberLogFailure(failureKindOf(status), reasonOf(status), {
    retryAfterSeconds: retryAfterSeconds(headers['retry-after'], Date.now()),
    retriable: isRetriable(status),
  });
}

function logIn(body: Buffer, requestId: string, report: ReportSchemaDrift): ViberLog {
  try {
    return decodeViberLog(body, requestId, report);
  } catch (error) {
    throw error instanceof DecodeFault ? new ViberLogFailure('badResponse', error.message) : error;
  }
}

function reasonOf(status: number): string {
  return status === 404 ? 'status 404 without a code of D7' : `status ${status}`;
}
