/**
 * A stream that keeps only the newest value for whoever reads it slowly: what was not read yet is replaced by what comes.
 */

export class LatestValueStream<Value> implements AsyncIterableIterator<Value> {
  readonly #onEnded: () => void;
  /** Those who wait for a value; while there are any, nothing is unread. */
  readonly #waiting: ((result: IteratorResult<Value>) => void)[] = [];
  #unread: [Value] | [] = [];
  #hasEnded = false;

  /** @param onEnded called once, whichever side ends it. */
  constructor(onEnded: () => void) {
    this.#onEnded = onEnded;
  }

  offer(value: Value): void {
    if (this.#hasEnded) return;
    const reader = this.#waiting.shift();
    if (reader) reader({ done: false, value });
    else this.#unread = [value];
  }

  /** Whether there was a value that nobody has read. */
  dropUnread(): boolean {
    const hadOne = this.#unread.length > 0;
    this.#unread = [];
    return hadOne;
  }

  /** What was not read yet can still be read. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    for (const reader of this.#waiting.splice(0)) reader(ended());
    this.#onEnded();
  }

  async next(): Promise<IteratorResult<Value>> {
    const [unread] = this.#unread;
    if (this.#unread.length > 0) {
      this.#unread = [];
      return { done: false, value: unread as Value };
    }
    return this.#hasEnded ? ended() : new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The reader has had enough. */
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
