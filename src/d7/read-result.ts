/**
 * What D7 says of a request id. A log that does not exist is a result, not a failure.
 *
 * Callers share a result, so it is read-only.
 */
import type { NoSuchLog } from './log/decoder.ts';
import type { ViberLog } from './log/log-scanner.ts';

export type ReadResult = {
  /** When the response was complete. */
  readonly fetchedAt: Date;
  /** The size of D7's response, which is about the memory that the result takes. */
  readonly bodyBytes: number;
} & ({ readonly kind: 'log'; readonly log: ViberLog } | { readonly kind: 'noSuchLog'; readonly noSuchLog: NoSuchLog });
