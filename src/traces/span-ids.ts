/**
 * Random ids of traces and spans, cut from one long text: the generator of the SDK makes a buffer and asks for its text for each id, which
 * costs as much as the rest of an operation that is not sampled.
 */
import { randomFillSync } from 'node:crypto';

/** In hexadecimal digits (W3C Trace Context, sections 3.2.2.3 and 3.2.2.4). */
const traceIdLength = 32;
const spanIdLength = 16;

export class SpanIds {
  readonly #random = Buffer.allocUnsafe(1536);
  #text = '';
  #at = 0;

  generateTraceId(): string {
    return this.#next(traceIdLength);
  }

  generateSpanId(): string {
    return this.#next(spanIdLength);
  }

  #next(length: number): string {
    if (this.#at + length > this.#text.length) this.#refill();
    const id = this.#text.slice(this.#at, this.#at + length);
    this.#at += length;
    return id;
  }

  #refill(): void {
    this.#text = randomFillSync(this.#random).toString('hex');
    this.#at = 0;
  }
}
