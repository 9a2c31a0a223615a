/**
 * The response of one operation until the client has it: the rows that are still to be written into it, and the bytes that it holds.
 * These are the bodies of the logs that it is made of, until it is written; and its own, from then on until they are sent.
 */
import type { BytesInFlight } from '../../bytes-in-flight.ts';
import { ViberLogFailure } from '../../d7/failures.ts';
import type { ReadResult } from '../../d7/read-result.ts';
import { DeferredRows } from './deferred-rows.ts';
import type { Bytes } from './json-writer.ts';

/** A smaller log is counted for each operation that holds it: to know whether others do costs more than it weighs. */
const leastSharedBytes = 4 * 1024;
/** A smaller response is not counted: counting the many small ones would cost more than they weigh. */
const leastCountedBytes = 16 * 1024;
const retryAfterSeconds = 1;

/** Counts each object once, however many operations hold it: callers share results, and cached responses. */
export class HeldObjects {
  readonly bytesInFlight: BytesInFlight;
  readonly #holders = new Map<object, number>();

  constructor(bytesInFlight: BytesInFlight) {
    this.bytesInFlight = bytesInFlight;
  }

  /** @param caller the same for all holders of one object: nothing is shared by callers with different tokens. */
  tryHold(caller: string, object: object, bytes: number): boolean {
    const holders = this.#holders.get(object) ?? 0;
    if (holders === 0 && !this.bytesInFlight.tryAcquire(caller, bytes)) return false;
    this.#holders.set(object, holders + 1);
    return true;
  }

  release(caller: string, object: object, bytes: number): void {
    const holders = this.#holders.get(object) ?? 0;
    if (holders > 1) {
      this.#holders.set(object, holders - 1);
    } else {
      this.#holders.delete(object);
      this.bytesInFlight.release(caller, bytes);
    }
  }
}

export class PendingResponse {
  readonly #held: HeldObjects;
  /** The caller's token, or nothing. */
  readonly #caller: string;
  #rows: DeferredRows | undefined;
  /** Of logs that are counted for this operation alone. */
  #ownBytes = 0;
  #shared: ReadResult[] | undefined;
  /** What is written of it so far. */
  #writtenBytes = 0;
  #body: Buffer | undefined;
  #isCompressing = false;
  #hasEnded = false;
  #isGatewayFull = false;

  constructor(held: HeldObjects, caller: string) {
    this.#held = held;
    this.#caller = caller;
  }

  /** Whether it is sent, or the client has disconnected. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get isHolding(): boolean {
    return this.#body !== undefined || this.#writtenBytes > 0;
  }

  /** Why the last attempt to hold bytes of the response has failed. */
  get overload(): 'overloaded' | 'gatewayOverloaded' {
    return this.#isGatewayFull ? 'gatewayOverloaded' : 'overloaded';
  }

  get rows(): DeferredRows {
    this.#rows ??= new DeferredRows();
    return this.#rows;
  }

  /** @throws ViberLogFailure where the caller, or all together, hold too many bytes already. */
  hold(result: ReadResult): ReadResult {
    // After the end nothing would release it.
    if (this.#hasEnded) return result;
    if (!this.#tryHold(result)) {
      throw new ViberLogFailure('overloaded', 'the caller holds too many bytes', { retryAfterSeconds });
    }
    return result;
  }

  #tryHold(result: ReadResult): boolean {
    const { bodyBytes } = result;
    if (bodyBytes < leastSharedBytes) {
      if (!this.#held.bytesInFlight.tryAcquire(this.#caller, bodyBytes)) return false;
      this.#ownBytes += bodyBytes;
      return true;
    }
    if (!this.#held.tryHold(this.#caller, result, bodyBytes)) return false;
    this.#shared ??= [];
    this.#shared.push(result);
    return true;
  }

  /** While it is written. False where too many bytes are held already. */
  tryGrow(writtenBytes: number): boolean {
    if (this.#hasEnded) return true;
    const bytes = writtenBytes - this.#writtenBytes;
    if (!this.#held.bytesInFlight.tryAcquire(this.#caller, bytes)) return this.#fail(bytes);
    this.#writtenBytes = writtenBytes;
    return true;
  }

  /** When it is written, and what it was made of is no longer needed. False where too many bytes are held already. */
  tryComplete(body: Bytes): boolean {
    this.#release();
    if (this.#hasEnded || body.length < leastCountedBytes) return true;
    if (typeof body === 'string') return this.tryGrow(body.length);
    if (!this.#held.tryHold(this.#caller, body, body.length)) return this.#fail(body.length);
    this.#body = body;
    return true;
  }

  #fail(bytes: number): false {
    this.#isGatewayFull = !this.#held.bytesInFlight.isOwnDemand(this.#caller, bytes);
    return false;
  }

  /** Another thread reads the body until then, so it stays counted, also if the client disconnects. */
  async holdDuring<Value>(compressing: Promise<Value>): Promise<Value> {
    this.#isCompressing = true;
    try {
      return await compressing;
    } finally {
      this.#isCompressing = false;
      if (this.#hasEnded) this.#release();
    }
  }

  /** By its compressed form. False, with the body counted as before, where too many bytes are held already. */
  tryReplace(form: Buffer): boolean {
    const isCounted = !this.#hasEnded && form.length >= leastCountedBytes;
    if (isCounted && !this.#held.tryHold(this.#caller, form, form.length)) return false;
    this.#release();
    if (isCounted) this.#body = form;
    return true;
  }

  /** The client's socket has it, and another event may follow. */
  handedOver(): void {
    this.#release();
  }

  end(): void {
    this.#hasEnded = true;
    if (!this.#isCompressing) this.#release();
  }

  #release(): void {
    const { bytesInFlight } = this.#held;
    const ownBytes = this.#ownBytes + this.#writtenBytes;
    if (ownBytes > 0) bytesInFlight.release(this.#caller, ownBytes);
    if (this.#shared) for (const result of this.#shared) this.#held.release(this.#caller, result, result.bodyBytes);
    if (this.#body) this.#held.release(this.#caller, this.#body, this.#body.length);
    this.#ownBytes = 0;
    this.#writtenBytes = 0;
    this.#shared = undefined;
    this.#body = undefined;
  }
}
