/**
 * The response of one operation until the client has it: the rows that are still to be written into it, and the bytes that it holds.
 * These are the bodies of the logs that it is made of, until it is written; and its own, from then on until they are sent.
 */
import type { BytesInFlight } from '../bytes-in-flight.ts';
import { ViberLogFailure } from '../d7/failures.ts';
import type { Reading } from '../d7/reading.ts';
import { DeferredRows } from './deferred-rows.ts';
import type { Bytes } from './json-writer.ts';

/** A smaller response is not counted: that would cost the many small ones more than it tells. */
const leastCountedBytes = 16 * 1024;
const retryAfterSeconds = 1;

/** Counts each object once, however many operations hold it: callers share results, and cached responses. */
export class HeldObjects {
  readonly bytesInFlight: BytesInFlight;
  readonly #holders = new Map<object, number>();

  constructor(bytesInFlight: BytesInFlight) {
    this.bytesInFlight = bytesInFlight;
  }

  tryHold(object: object, bytes: number): boolean {
    const holders = this.#holders.get(object) ?? 0;
    if (holders === 0 && !this.bytesInFlight.tryAcquire(bytes)) return false;
    this.#holders.set(object, holders + 1);
    return true;
  }

  release(object: object, bytes: number): void {
    const holders = this.#holders.get(object) ?? 0;
    if (holders > 1) {
      this.#holders.set(object, holders - 1);
    } else {
      this.#holders.delete(object);
      this.bytesInFlight.release(bytes);
    }
  }
}

export class PendingResponse {
  readonly #held: HeldObjects;
  #rows: DeferredRows | undefined;
  #readings: Reading[] | undefined;
  /** What is written of it so far. */
  #writtenBytes = 0;
  #body: Buffer | undefined;
  #hasEnded = false;

  constructor(held: HeldObjects) {
    this.#held = held;
  }

  /** Whether it is sent, or nobody waits for it any more. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get isHolding(): boolean {
    return this.#body !== undefined || this.#writtenBytes > 0;
  }

  get rows(): DeferredRows {
    this.#rows ??= new DeferredRows();
    return this.#rows;
  }

  /** @throws ViberLogFailure where too many bytes are held already. */
  hold(reading: Reading): Reading {
    // What comes after the end is held by nobody, and would be released by nobody.
    if (this.#hasEnded) return reading;
    if (!this.#held.tryHold(reading, reading.bodyBytes)) {
      throw new ViberLogFailure('overloaded', 'too many bytes are in flight', { retryAfterSeconds });
    }
    this.#readings ??= [];
    this.#readings.push(reading);
    return reading;
  }

  /** While it is written. False where too many bytes are held already. */
  tryGrow(writtenBytes: number): boolean {
    if (this.#hasEnded) return true;
    if (!this.#held.bytesInFlight.tryAcquire(writtenBytes - this.#writtenBytes)) return false;
    this.#writtenBytes = writtenBytes;
    return true;
  }

  /** When it is written, and what it was made of is no longer needed. False where too many bytes are held already. */
  tryComplete(body: Bytes): boolean {
    this.#release();
    if (this.#hasEnded || body.length < leastCountedBytes) return true;
    if (typeof body === 'string') return this.tryGrow(body.length);
    if (!this.#held.tryHold(body, body.length)) return false;
    this.#body = body;
    return true;
  }

  end(): void {
    this.#hasEnded = true;
    this.#release();
  }

  #release(): void {
    for (const reading of this.#readings ?? []) this.#held.release(reading, reading.bodyBytes);
    if (this.#writtenBytes > 0) this.#held.bytesInFlight.release(this.#writtenBytes);
    if (this.#body) this.#held.release(this.#body, this.#body.length);
    this.#readings = undefined;
    this.#writtenBytes = 0;
    this.#body = undefined;
  }
}
