/**
 * Watches the time limits of all calls with one timer, which looks at every call a few dozen times a second. A limit is noticed up to that much
 * too late, and never too early.
 *
 * A timer of Node for each call costs an object, its place in a list for its duration, and the way back out of it: 3 % of a page of 25 logs,
 * although nearly no call ever exceeds a limit. A look at 500 calls takes some microseconds.
 */

const lookEveryMs = 20;

/** What has a limit. */
export type Timed = {
  /** The next limit, by the clock of `performance.now()`. */
  dueMs: number;
  /** Its index among what is watched: for `Deadlines` only, and `unwatched` at first. */
  place: number;
  /** The limit is over. Sets the next one, or has it removed. */
  onDue: (nowMs: number) => void;
};

export const unwatched = -1;

export class Deadlines {
  readonly #watched: Timed[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** Without effect for what is watched already. */
  add(item: Timed): void {
    if (item.place !== unwatched) return;
    item.place = this.#watched.push(item) - 1;
    this.#timer ??= setTimeout(() => this.#look(), lookEveryMs);
  }

  /** Without effect for what is not watched. The last one takes its place, since their order does not matter. */
  remove(item: Timed): void {
    const { place } = item;
    if (place === unwatched) return;
    item.place = unwatched;
    const last = this.#watched.pop() as Timed;
    if (last === item) return;
    this.#watched[place] = last;
    last.place = place;
  }

  /** From the end, since what is removed meanwhile is replaced by the last one, which was looked at. */
  #look(): void {
    const nowMs = performance.now();
    for (let index = this.#watched.length - 1; index >= 0; index -= 1) {
      const item = this.#watched[index];
      if (item && item.dueMs <= nowMs) item.onDue(nowMs);
    }
    if (this.#watched.length > 0) this.#timer?.refresh();
    else this.#timer = undefined;
  }
}
