/**
 * A stream that buffers one value: a new value replaces one that the consumer has not read yet.
 *
 * The consumer iterates over it, or it is a reader that takes values itself: thousands of readers of one source then cost no promises.
 */

/** Called when there is a value to take, and when the stream has ended. */
export type Reader = { onReadable: () => void };

export type StreamSource<Value extends NonNullable<unknown>> = {
  /** Called once, when either side ends the stream. */
  onEnded: (stream: LatestValueStream<Value>) => void;
  /** Its consumer needs the present value once more. */
  onLost: (stream: LatestValueStream<Value>) => void;
};

export class LatestValueStream<Value extends NonNullable<unknown>> implements AsyncIterableIterator<Value> {
  readonly #source: StreamSource<Value>;
  /** Pending calls of `next`. While there is one, no value is unread. */
  #pendingReads: ((result: IteratorResult<Value>) => void)[] | undefined;
  #unread: Value | undefined;
  #hasEnded = false;
  #reader: Reader | undefined;

  constructor(source: StreamSource<Value>) {
    this.#source = source;
  }

  push(value: Value): void {
    if (this.#hasEnded) return;
    const resolve = this.#pendingReads?.shift();
    if (resolve) {
      resolve({ done: false, value });
      return;
    }
    this.#unread = value;
    this.#reader?.onReadable();
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get hasUnread(): boolean {
    return this.#unread !== undefined;
  }

  /** In place of `next`. */
  readBy(reader: Reader): void {
    this.#reader = reader;
    if (this.hasUnread || this.#hasEnded) reader.onReadable();
  }

  /** The unread value. */
  take(): Value | undefined {
    const unread = this.#unread;
    this.#unread = undefined;
    return unread;
  }

  /** @returns whether there was an unread value. */
  dropUnread(): boolean {
    return this.take() !== undefined;
  }

  /** The consumer could not use the value that it has taken last. */
  repeat(): void {
    if (!this.#hasEnded) this.#source.onLost(this);
  }

  /** The consumer can still read an unread value. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    for (const resolve of this.#pendingReads?.splice(0) ?? []) resolve(ended());
    this.#source.onEnded(this);
    this.#reader?.onReadable();
  }

  async next(): Promise<IteratorResult<Value>> {
    const unread = this.take();
    if (unread !== undefined) return { done: false, value: unread };
    if (this.#hasEnded) return ended();
    this.#pendingReads ??= [];
    const pending = this.#pendingReads;
    return new Promise((resolve) => pending.push(resolve));
  }

  /** The consumer ends the stream. */
  async return(): Promise<IteratorResult<Value>> {
    this.#unread = undefined;
    this.end();
    return ended();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

function ended(): IteratorReturnResult<undefined> {
  return { done: true, value: undefined };
}
