/**
 * A limit on the bytes that operations in flight hold: upstream bodies while they are read and used, and responses until the client has
 * received them. There is one count for the whole process, so that many operations of moderate size cannot exhaust its memory.
 *
 * The limit is shared fairly. A caller may hold at most twice as much as is free, as with the concurrency in d7/fair-queue.ts. So a
 * single caller can hold two thirds of the limit, n callers 2/(2n + 1) each, and some of it is always free for the next caller.
 */

const shareOfFree = 2;
/** At this number of accounts, those of callers who hold nothing are deleted. */
const maxAccounts = 10_000;

export class BytesInFlight {
  readonly #maxBytes: number;
  readonly #accounts = new Map<string, { held: number }>();
  #held = 0;
  /** The account that was used last: an operation uses its own several times in a row. */
  #lastCaller = '';
  #last: { held: number } | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get max(): number {
    return this.#maxBytes;
  }

  get held(): number {
    return this.#held;
  }

  /**
   * @param caller the token. Operations without a token have the empty string, and are one caller.
   * @returns false, without acquiring anything, if the total would exceed the limit or the caller its share.
   */
  tryAcquire(caller: string, bytes: number): boolean {
    const account = this.#accountOf(caller);
    const free = this.#maxBytes - this.#held - bytes;
    if (free < 0 || account.held + bytes > (free + bytes) * shareOfFree) return false;
    account.held += bytes;
    this.#held += bytes;
    return true;
  }

  /** Why it is false: the caller holds too much by itself, whatever all others hold. */
  isOwnDemand(caller: string, bytes: number): boolean {
    const { held } = this.#accountOf(caller);
    return held + bytes > Math.min(this.#maxBytes, (this.#maxBytes - held) * shareOfFree);
  }

  /** Call this exactly once for everything acquired. */
  release(caller: string, bytes: number): void {
    const account = this.#accountOf(caller);
    account.held -= bytes;
    this.#held -= bytes;
    if (account.held < 0) throw new Error('More bytes were released than were acquired.');
  }

  #accountOf(caller: string): { held: number } {
    if (this.#last === undefined || this.#lastCaller !== caller) {
      this.#last = this.#accounts.get(caller) ?? this.#openAccount(caller);
      this.#lastCaller = caller;
    }
    return this.#last;
  }

  #openAccount(caller: string): { held: number } {
    if (this.#accounts.size >= maxAccounts) this.#deleteIdle();
    const account = { held: 0 };
    this.#accounts.set(caller, account);
    return account;
  }

  /** Also the last one's: the one that is opened now takes its place. */
  #deleteIdle(): void {
    for (const [caller, { held }] of this.#accounts) if (held === 0) this.#accounts.delete(caller);
  }
}
