/**
 * One attempt to read a log: the request to D7, and what each response means.
 */

import type { TraceContext } from './call-span.ts';
import { type ExchangeOptions, type ExchangeParts, get, type UpstreamResponse } from './exchange.ts';
import { failureKindOf, isRetriable, ViberLogFailure } from './failures.ts';
import { DecodeFault } from './log/decode-fault.ts';
import { decodeNoSuchLog, decodeViberLog } from './log/decoder.ts';
import type { ReportSchemaDrift } from './log/drift-counts.ts';
import { logFields } from './log/fields.ts';
import type { ViberLog } from './log/log-scanner.ts';
import type { ReadResult } from './read-result.ts';
import { retryAfterSeconds } from './retry-after.ts';

export type Caller = {
  token: string;
  /** Sent upstream as X-Request-Id, so that D7's log and ours can be compared. */
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
  const read = (response: UpstreamResponse) => readResponse(response, requestId, report);
  return get(parts, { path: pathOf(requestId), headers: headersFor(caller), read }, options);
}

/** Encoding alone is not safe: `..` stays `..`, and leaves the path. graphql/request-id.ts rejects an id with a dot. */
function pathOf(requestId: string): string {
  return `/report/v1/viber-log/${encodeURIComponent(requestId)}`;
}

/** Names and values alternate. */
function headersFor({ token, operationId, trace: { traceparent, tracestate } }: Caller): string[] {
  const headers = [
    'authorization',
    `Bearer ${token}`,
    'accept',
    'application/json',
    // Without it D7 may compress its response (RFC 9110, section 12.5.3), and its size would not be the size of the log.
    'accept-encoding',
    'identity',
    'x-request-id',
    operationId,
  ];
  if (traceparent !== undefined) headers.push('traceparent', traceparent);
  if (tracestate !== undefined) headers.push('tracestate', tracestate);
  return headers;
}

function readResponse(
  { status, headers, body, usedOldConnection }: UpstreamResponse,
  requestId: string,
  report: ReportSchemaDrift,
): ReadResult {
  const fetchedAt = new Date();
  const bodyBytes = body.length;
  if (status === 200) return { kind: 'log', log: logIn(body, requestId, report), fetchedAt, bodyBytes };
  const noSuchLog = status === 404 ? decodeNoSuchLog(body, requestId) : null;
  if (noSuchLog) return { kind: 'noSuchLog', noSuchLog, fetchedAt, bodyBytes };
  // D7 closed the idle connection just when the call was sent on it (RFC 9110, section 15.5.9).
  const wasUnread = status === 408 && usedOldConnection;
  throw new ViberLogFailure(failureKindOf(status), reasonOf(status), {
    retryAfterSeconds: retryAfterSeconds(headers['retry-after'], Date.now()),
    retriable: isRetriable(status) || wasUnread,
    wasUnread,
    endsConnection: status === 408,
  });
}

function logIn(body: Buffer, requestId: string, report: ReportSchemaDrift): ViberLog {
  try {
    return decodeViberLog(body, requestId, report);
  } catch (error) {
    if (!(error instanceof DecodeFault)) throw error;
    // The log of another request: the connection may be one response behind, and every later call would get a wrong one.
    const endsConnection = error.path === logFields.requestId.name;
    throw new ViberLogFailure('badResponse', error.message, { endsConnection });
  }
}

function reasonOf(status: number): string {
  return status === 404 ? 'status 404 without an error code of D7' : `status ${status}`;
}
