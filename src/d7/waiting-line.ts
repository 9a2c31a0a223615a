/**
 * Those who wait, in the order in which they came.
 *
 * A chain, and neither an array nor a Set: under load those are moved into larger memory again and again, and what they leave behind
 * still points at everybody who stood in it, so that the next garbage collections would keep whole operations that are long over.
 */

type Place<Waiting> = { waiting: Waiting | undefined; next: Place<Waiting> | undefined };

export class WaitingLine<Waiting> {
  #first: Place<Waiting> | undefined;
  #last: Place<Waiting> | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  join(waiting: Waiting): void {
    const place = { waiting, next: undefined };
    if (this.#last) this.#last.next = place;
    else this.#first = place;
    this.#last = place;
    this.#length += 1;
  }

  /** Whoever does not stand in it has left already. */
  leave(waiting: Waiting): void {
    let place = this.#first;
    while (place && place.waiting !== waiting) place = place.next;
    if (place) this.#take(place);
  }

  /** Takes out the one who has waited longest. */
  shift(): Waiting | undefined {
    while (this.#first) {
      const place = this.#first;
      this.#first = place.next;
      place.next = undefined;
      if (this.#first === undefined) this.#last = undefined;
      if (place.waiting !== undefined) return this.#take(place);
    }
    return undefined;
  }

  /** The place of one who left stays, empty, until it is the first. */
  #take(place: Place<Waiting>): Waiting | undefined {
    const { waiting } = place;
    place.waiting = undefined;
    this.#length -= 1;
    return waiting;
  }
}
