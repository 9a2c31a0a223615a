/**
 * Gives followers their turn: so many in each turn of the event loop, so that an update of a log with thousands of followers does not hold
 * up everything else while it is sent to all of them.
 */

/** A few milliseconds of work. */
const followersPerTurn = 256;

type Turn = { goOn: () => void };

let left = followersPerTurn;
let waiting: Turn[] = [];
let afterwards: (() => void)[] = [];
let isScheduled = false;

/** At once, or in a later turn of the event loop. */
export function takeTurn(follower: Turn): void {
  schedule();
  if (left === 0) {
    waiting.push(follower);
    return;
  }
  left -= 1;
  follower.goOn();
}

/** Calls back once all those that wait had their turn. */
export function afterTurns(callback: () => void): void {
  schedule();
  afterwards.push(callback);
}

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  setImmediate(begin);
}

function begin(): void {
  isScheduled = false;
  const served = waiting.slice(0, followersPerTurn);
  waiting = waiting.slice(followersPerTurn);
  left = followersPerTurn - served.length;
  for (const follower of served) follower.goOn();
  if (waiting.length > 0) {
    schedule();
    return;
  }
  const callbacks = afterwards;
  afterwards = [];
  left = followersPerTurn;
  for (const callback of callbacks) callback();
}
