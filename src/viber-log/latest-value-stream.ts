/**
 * A stream that buffers one value: a new value replaces one that the consumer has not read yet.
 */

export class LatestValueStream<Value> implements AsyncIterableIterator<Value> {
  readonly #onEnded: () => void;
  /** Pending calls of `next`. While there is one, no value is unread. */
  readonly #pendingReads: ((result: IteratorResult<Value>) => void)[] = [];
  #unread: [Value] | [] = [];
  #hasEnded = false;

  /** @param onEnded called once, when either side ends the stream. */
  constructor(onEnded: () => void) {
    this.#onEnded = onEnded;
  }

  push(value: Value): void {
    if (this.#hasEnded) return;
    const resolve = this.#pendingReads.shift();
    if (resolve) resolve({ done: false, value });
    else this.#unread = [value];
  }

  /** @returns whether there was an unread value. */
  dropUnread(): boolean {
    const hadUnread = this.#unread.length > 0;
    this.#unread = [];
    return hadUnread;
  }

  /** The consumer can still read an unread value. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    for (const resolve of this.#pendingReads.splice(0)) resolve(ended());
    this.#onEnded();
  }

  async next(): Promise<IteratorResult<Value>> {
    const [unread] = this.#unread;
    if (this.#unread.length > 0) {
      this.#unread = [];
      return { done: false, value: unread as Value };
    }
    return this.#hasEnded ? ended() : new Promise((resolve) => this.#pendingReads.push(resolve));
  }

  /** The consumer ends the stream. */
  async return(): Promise<IteratorResult<Value>> {
    this.#unread = [];
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
