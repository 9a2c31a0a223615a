/**
 * The bytes that this process holds for calls that are in flight: upstream bodies while they are read and used, responses until the
 * client has taken them. One count for the whole process, so that many moderate demands cannot add up to more memory than there is.
 *
 * One caller cannot use up what all need: it may hold at most twice what is still free, as with the concurrency in d7/fair-queue.ts. One
 * caller alone may hold two thirds, n callers 2/(2n + 1) each, and a part always stays free for the next one.
 */

const shareOfFree = 2;
/** Callers who hold nothing are forgotten when there are so many. */
const mostCallers = 10_000;

export class BytesInFlight {
  readonly #maxBytes: number;
  readonly #byCaller = new Map<string, { held: number }>();
  #held = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get held(): number {
    return this.#held;
  }

  /**
   * False, and nothing is acquired, where the sum would exceed the limit, or what the caller holds its share.
   *
   * @param caller the token; empty for operations without one, who share one share.
   */
  tryAcquire(caller: string, bytes: number): boolean {
    const account = this.#accountOf(caller);
    const free = this.#maxBytes - this.#held - bytes;
    if (free < 0 || account.held + bytes > (free + bytes) * shareOfFree) return false;
    account.held += bytes;
    this.#held += bytes;
    return true;
  }

  /** To be called once for whatever was acquired. */
  release(caller: string, bytes: number): void {
    const account = this.#accountOf(caller);
    account.held -= bytes;
    this.#held -= bytes;
    if (account.held < 0) throw new Error('More bytes were released than were acquired.');
  }

  #accountOf(caller: string): { held: number } {
    const known = this.#byCaller.get(caller);
    if (known !== undefined) return known;
    if (this.#byCaller.size >= mostCallers) this.#forgetIdle();
    const account = { held: 0 };
    this.#byCaller.set(caller, account);
    return account;
  }

  #forgetIdle(): void {
    for (const [caller, { held }] of this.#byCaller) if (held === 0) this.#byCaller.delete(caller);
  }
}
