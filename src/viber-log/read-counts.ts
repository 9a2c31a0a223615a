/**
 * Where the logs of one operation came from, for its line in the log.
 */
export class ReadCounts {
  /** Results from a cache, of this process or in Redis. */
  cached = 0;
  /** Results of a call that another read had started. */
  shared = 0;
  /** Calls to D7, whatever their outcome. */
  called = 0;
}
