/**
 * What D7 says of a request id. A log that does not exist is a result, not a failure.
 *
 * Callers share a result, so it is read-only.
 */
import type { NoSuchLog } from './log/decoder.ts';
import type { ViberLog } from './log/log-scanner.ts';

type Fetched = {
  /** When the response was complete. */
  readonly fetchedAt: Date;
  /** The size of D7's response, which is about the memory that the result takes. */
  readonly bodyBytes: number;
};

export type LogResult = Fetched & { readonly kind: 'log'; readonly log: ViberLog };
export type NoSuchLogResult = Fetched & { readonly kind: 'noSuchLog'; readonly noSuchLog: NoSuchLog };
export type ReadResult = LogResult | NoSuchLogResult;
