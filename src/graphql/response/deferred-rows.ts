/**
 * The messages of logs that graphql-js answers. It is given an empty list in their place, and the rows are written there from D7's
 * bytes when the response is: a log of 100 000 messages makes no objects, does not block the event loop, and is subject to the limit of bytes as in
 * the fast path.
 */
import type { MessageRows } from '../views/matching-rows.ts';
import type { WriteMessages } from './message-writer.ts';

/** A place in the response, by its key in an object or its index in a list. */
export type Place = {
  rows?: { rows: MessageRows; write: WriteMessages };
  inner?: Map<string | number, Place>;
};

export class DeferredRows {
  #root: Place = {};

  get root(): Place {
    return this.#root;
  }

  add(path: readonly (string | number)[], rows: MessageRows, write: WriteMessages): void {
    let place = this.#root;
    for (const key of path) {
      place.inner ??= new Map();
      const inner: Place = place.inner.get(key) ?? {};
      place.inner.set(key, inner);
      place = inner;
    }
    place.rows = { rows, write };
  }

  /** Before each event of a subscription. */
  clear(): void {
    this.#root = {};
  }
}
