/**
 * D7's JSON in, our own types out.
 *
 * Nothing is trusted. What identifies the log and its messages, and the structure that holds them, must be right: anything else is a fault
 * that names its path and not its value, since values hold phone numbers. Every other field fails alone: it is null, and drift-counts.ts
 * counts it. schema/viber-log.graphql says what the fields mean.
 *
 * Nearly every log is canonical JSON, and log-scanner.ts reads it without JSON.parse. canonical-log.ts checks any other body field by
 * field. It refuses the body, or rewrites it (a number as 4e-4 or as text, a duplicate name, an unknown field that holds an object) as
 * canonical JSON for the scanner.
 */
import { canonicalLogOf } from './canonical-log.ts';
import { DriftCounts, type ReportSchemaDrift } from './drift-counts.ts';
import { scanViberLog, type ViberLog } from './log-scanner.ts';
import { isJsonObject, parseJson, withoutByteOrderMark } from './parsed-json.ts';

export type NoSuchLog = { requestId: string; code: string; message: string };

/** @throws DecodeFault where the body is not a delivery log, or is the log of another request id. */
export function decodeViberLog(response: Buffer, requestId: string, report: ReportSchemaDrift): ViberLog {
  const body = withoutByteOrderMark(response);
  let drift = new DriftCounts();
  let log = scanViberLog(body, requestId, drift);
  if (log === null) {
    drift = new DriftCounts();
    log = rewriteAndScan(body, requestId, drift);
  }
  drift.reportTo(report);
  return log;
}

/** Null where the 404 does not carry D7's error code: then a proxy sent it, or the base URL is wrong. */
export function decodeNoSuchLog(body: Buffer, requestId: string): NoSuchLog | null {
  const document = parseJson(withoutByteOrderMark(body));
  const detail = isJsonObject(document) ? document.detail : undefined;
  if (!isJsonObject(detail) || typeof detail.code !== 'string' || detail.code === '') return null;
  return { requestId, code: detail.code, message: typeof detail.message === 'string' ? detail.message : detail.code };
}

/** @throws DecodeFault */
function rewriteAndScan(body: Buffer, requestId: string, drift: DriftCounts): ViberLog {
  const canonical = canonicalLogOf(body, requestId, drift);
  // Its nulls are already counted, and no others are to be.
  const log = scanViberLog(canonical, requestId, new DriftCounts());
  if (log === null) throw new Error('The scanner does not accept the canonical log.');
  return log;
}
