/**
 * The streams of all subscribers to one source, and which of them have no value yet.
 */
import type { LatestValueStream } from './latest-value-stream.ts';

export class StreamSubscribers<Value extends NonNullable<unknown>> {
  readonly #streams = new Set<LatestValueStream<Value>>();
  /** Streams that have not received a value, or lost the one they had. */
  readonly #newcomers = new Set<LatestValueStream<Value>>();

  get isEmpty(): boolean {
    return this.#streams.size === 0;
  }

  get hasNewcomers(): boolean {
    return this.#newcomers.size > 0;
  }

  add(stream: LatestValueStream<Value>): void {
    this.#streams.add(stream);
    this.#newcomers.add(stream);
  }

  /** The next value is for it too, changed or not. */
  renew(stream: LatestValueStream<Value>): void {
    if (this.#streams.has(stream)) this.#newcomers.add(stream);
  }

  remove(stream: LatestValueStream<Value>): void {
    this.#streams.delete(stream);
    this.#newcomers.delete(stream);
  }

  publish(value: Value): void {
    this.#newcomers.clear();
    for (const stream of [...this.#streams]) stream.push(value);
  }

  publishToNewcomers(value: Value): void {
    const newcomers = [...this.#newcomers];
    this.#newcomers.clear();
    for (const stream of newcomers) stream.push(value);
  }

  dropUnread(): void {
    for (const stream of this.#streams) if (stream.dropUnread()) this.#newcomers.add(stream);
  }

  /** Each stream removes itself when it ends. */
  end(): void {
    for (const stream of [...this.#streams]) stream.end();
  }
}
