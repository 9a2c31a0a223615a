/**
 * The circuit breaker in front of D7: when most calls fail, none are made for a while, and then one, to see.
 *
 * Only what tells that D7 is unwell counts: no answer in time, no connection, a 5xx. Refusals (400 to 429), missing logs
 * and documents that cannot be read tell something of one caller or one log, and may not cost the others anything.
 *
 * The counting is the library's. The circuit is here, since the library's own would let those who come while one call probes wait
 * for what it finds, and here they are told at once.
 */
import { CircuitState, CountBreaker } from 'cockatiel';
import { ViberLogFailure } from './failures.ts';

export type BreakerConfig = {
  /** The part of the last calls that has to fail, from 0 to 1. */
  failureRatio: number;
  /** How many calls it takes to tell. */
  minCalls: number;
  /** How long the circuit stays open before one call may probe. */
  openMs: number;
};

export type Breaker = {
  /** Before a call. @throws ViberLogFailure `unavailable` while the circuit is open. */
  enter: () => Passage;
};

/** To be told how the call has ended. */
export type Passage = {
  onSuccess: () => void;
  onFailure: (error: unknown) => void;
};

export function createBreaker({ failureRatio, minCalls, openMs }: BreakerConfig): Breaker {
  const newCount = () =>
    new CountBreaker({ threshold: failureRatio, size: minCalls * 5, minimumNumberOfCalls: minCalls });
  let count = newCount();
  let state: 'closed' | 'open' | 'probing' = 'closed';
  let openedMs = 0;

  function open(): void {
    state = 'open';
    openedMs = performance.now();
  }

  function close(): void {
    state = 'closed';
    count = newCount();
  }

  /** What was under way when the circuit opened says nothing of how D7 is since. */
  const passage: Passage = {
    onSuccess() {
      if (state === 'closed') count.success(CircuitState.Closed);
    },
    onFailure(error) {
      if (state === 'closed' && isUnwell(error) && count.failure(CircuitState.Closed)) open();
    },
  };

  const probe: Passage = {
    onSuccess: close,
    onFailure: (error) => (isUnwell(error) || isNoProof(error) ? open() : close()),
  };

  function enter(): Passage {
    if (state === 'closed') return passage;
    if (state === 'probing' || performance.now() - openedMs < openMs) throw openCircuit();
    state = 'probing';
    return probe;
  }

  return { enter };
}

function isUnwell(error: unknown): boolean {
  return error instanceof ViberLogFailure && (error.kind === 'timeout' || error.kind === 'unavailable');
}

/** A probe that never went out, or that its caller gave up, has proved nothing. */
function isNoProof(error: unknown): boolean {
  return (
    error instanceof ViberLogFailure &&
    (error.kind === 'outOfTime' || error.kind === 'cancelled' || error.kind === 'overloaded')
  );
}

function openCircuit(): ViberLogFailure {
  return new ViberLogFailure('unavailable', 'the circuit is open');
}
