/**
 * D7's JSON in, our own types out.
 *
 * Nothing is trusted: a field of the wrong type is a fault that names its path and not its value, since values hold phone numbers.
 * schema/viber-log.graphql says what the fields mean.
 *
 * Nearly every log is canonical JSON, and log-scanner.ts reads it without JSON.parse. canonical-log.ts checks any other body field by
 * field. It refuses the body, or rewrites it (a number as 4e-4, a duplicate name, an unknown field that holds an object) as canonical
 * JSON for the scanner.
 */
import { canonicalLogOf } from './canonical-log.ts';
import { messageFields, messagesName } from './fields.ts';
import { type ReportUnreadableTime, scanViberLog, type ViberLog } from './log-scanner.ts';
import { isJsonObject, parseJson, withoutByteOrderMark } from './parsed-json.ts';

export type NoSuchLog = { requestId: string; code: string; message: string };

/** A deviation from D7's documentation that does not fail the log. */
export type SchemaDrift = {
  /** Without an index: `messages[].schedule_time`. */
  path: string;
  expected: string;
  /** How many messages of the log have it. */
  count: number;
};
/** Called once for each field, however many messages deviate. */
export type ReportSchemaDrift = (drift: SchemaDrift) => void;

/** @throws DecodeFault where the body is not a delivery log, or is the log of another request id. */
export function decodeViberLog(response: Buffer, requestId: string, report: ReportSchemaDrift): ViberLog {
  const body = withoutByteOrderMark(response);
  let unreadableTimes = 0;
  const countUnreadableTime = () => {
    unreadableTimes += 1;
  };
  let log = scanViberLog(body, requestId, countUnreadableTime);
  if (log === null) {
    unreadableTimes = 0;
    log = rewriteAndScan(body, requestId, countUnreadableTime);
  }
  if (unreadableTimes > 0) report(scheduleTimeDrift(unreadableTimes));
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
function rewriteAndScan(body: Buffer, requestId: string, reportUnreadableTime: ReportUnreadableTime): ViberLog {
  const canonical = canonicalLogOf(body, requestId, reportUnreadableTime);
  // The rewritten log has null in place of each unreadable time, so the scanner has none to report.
  const log = scanViberLog(canonical, requestId, () => {});
  if (log === null) throw new Error('The scanner does not accept the canonical log.');
  return log;
}

function scheduleTimeDrift(count: number): SchemaDrift {
  return {
    path: `${messagesName}[].${messageFields.scheduleTime.name}`,
    expected: 'a time with an offset, such as 2024-02-05T09:48:42+0000',
    count,
  };
}
