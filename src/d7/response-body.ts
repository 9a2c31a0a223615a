/**
 * The body of one response while it arrives: its parts, within the size limit of a body and the caller's share of the bytes in flight.
 */
import type { BytesInFlight } from '../bytes-in-flight.ts';
import { ViberLogFailure } from './failures.ts';

/** A share of the bytes in flight is soon free again. */
const retryAfterSeconds = 1;

export class ResponseBody {
  readonly #token: string;
  readonly #maxBytes: number;
  readonly #bytesInFlight: BytesInFlight;
  /** Most bodies have one part, and need neither a list nor a copy. */
  #firstPart: Buffer | undefined;
  #otherParts: Buffer[] | undefined;
  #length = 0;

  constructor(token: string, maxBytes: number, bytesInFlight: BytesInFlight) {
    this.#token = token;
    this.#maxBytes = maxBytes;
    this.#bytesInFlight = bytesInFlight;
  }

  /** Returns a failure, and does not add the part, where it exceeds a limit. */
  add(part: Buffer): ViberLogFailure | undefined {
    if (this.#length + part.length > this.#maxBytes) {
      return new ViberLogFailure('badResponse', `the body is larger than ${this.#maxBytes} bytes`);
    }
    if (!this.#bytesInFlight.tryAcquire(this.#token, part.length)) {
      return new ViberLogFailure('overloaded', 'the caller holds too many bytes', { retryAfterSeconds });
    }
    this.#length += part.length;
    if (this.#firstPart === undefined) this.#firstPart = part;
    else if (this.#otherParts === undefined) this.#otherParts = [part];
    else this.#otherParts.push(part);
    return undefined;
  }

  bytes(): Buffer {
    const first = this.#firstPart ?? Buffer.alloc(0);
    return this.#otherParts === undefined ? first : Buffer.concat([first, ...this.#otherParts], this.#length);
  }

  /** May be called more than once. */
  drop(): void {
    this.#firstPart = undefined;
    this.#otherParts = undefined;
    if (this.#length > 0) this.#bytesInFlight.release(this.#token, this.#length);
    this.#length = 0;
  }
}
