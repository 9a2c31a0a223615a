/**
 * What D7 says of a request id. A log that is missing is an answer, not a failure.
 *
 * One reading may answer many callers, so nobody writes into it.
 */
import type { NoSuchLog } from './log/decoder.ts';
import type { ViberLog } from './log/log-scanner.ts';

type Fetched = {
  /** When D7 had answered whole. */
  readonly fetchedAt: Date;
  /** How long D7's answer was: what the result weighs in memory goes with it. */
  readonly bodyBytes: number;
};

export type LogResult = Fetched & { readonly kind: 'log'; readonly log: ViberLog };
export type NoSuchLogResult = Fetched & { readonly kind: 'noSuchLog'; readonly noSuchLog: NoSuchLog };
export type ReadResult = LogResult | NoSuchLogResult;
