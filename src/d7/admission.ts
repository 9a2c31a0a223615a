/**
 * The bulkhead: how many calls to D7 may be under way or waiting for a connection. Past that a call is refused at once,
 * since one more in a queue that does not move helps nobody, and costs memory.
 *
 * The queue itself is undici's. A place is given back when undici lets go of the call, and no sooner: a call that was given
 * up while it waited still lies in that queue.
 */
import { ViberLogFailure } from './failures.ts';

export type Admission = {
  /** @throws ViberLogFailure `overloaded` */
  enter: () => void;
  leave: () => void;
};

const retryAfterSeconds = 1;

export function createAdmission(places: number): Admission {
  let taken = 0;
  return {
    enter() {
      if (taken >= places) throw new ViberLogFailure('overloaded', 'every place is taken', { retryAfterSeconds });
      taken += 1;
    },
    leave() {
      taken -= 1;
    },
  };
}
