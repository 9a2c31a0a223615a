/**
 * The bytes that this process holds for calls that are in flight: upstream bodies while they are read and used, responses until the
 * client has taken them. One count for the whole process, so that many moderate demands cannot add up to more memory than there is.
 */

export class BytesInFlight {
  readonly #maxBytes: number;
  #held = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get held(): number {
    return this.#held;
  }

  /** False, and nothing is acquired, where the sum would exceed the limit. */
  tryAcquire(bytes: number): boolean {
    if (this.#held + bytes > this.#maxBytes) return false;
    this.#held += bytes;
    return true;
  }

  /** To be called once for whatever was acquired. */
  release(bytes: number): void {
    this.#held -= bytes;
    if (this.#held < 0) throw new Error('More bytes were released than were acquired.');
  }
}
