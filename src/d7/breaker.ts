/**
 * The circuit breaker in front of D7: when most calls fail, none are made for a while, and then one, to see.
 *
 * Only what tells that D7 is unwell counts: no answer in time, no connection, a 5xx. Refusals (400 to 429), missing logs
 * and documents that cannot be read tell something of one caller or one log, and may not cost the others anything.
 */
import { BrokenCircuitError, CircuitState, CountBreaker, circuitBreaker, handleWhen } from 'cockatiel';
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
  /** @throws ViberLogFailure `unavailable`, at once, while the circuit is open. */
  run: <Result>(attempt: () => Promise<Result>) => Promise<Result>;
};

export function createBreaker({ failureRatio, minCalls, openMs }: BreakerConfig): Breaker {
  const policy = circuitBreaker(
    handleWhen((error) => countsAgainstUpstream(error, policy.state)),
    {
      halfOpenAfter: openMs,
      breaker: new CountBreaker({ threshold: failureRatio, size: minCalls * 5, minimumNumberOfCalls: minCalls }),
    },
  );

  async function run<Result>(attempt: () => Promise<Result>): Promise<Result> {
    // While one call probes, the library lets the others wait for what it finds; here they are told at once.
    if (policy.state === CircuitState.HalfOpen) throw openCircuit();
    try {
      return await policy.execute(attempt);
    } catch (error) {
      throw error instanceof BrokenCircuitError ? openCircuit() : error;
    }
  }

  return { run };
}

/** A probe that never went out, or that its caller gave up, has proved nothing: it may not close the circuit. */
function countsAgainstUpstream(error: unknown, state: CircuitState): boolean {
  if (!(error instanceof ViberLogFailure)) return false;
  switch (error.kind) {
    case 'timeout':
    case 'unavailable':
      return true;
    case 'outOfTime':
    case 'cancelled':
    case 'overloaded':
      return state === CircuitState.HalfOpen;
    default:
      return false;
  }
}

function openCircuit(): ViberLogFailure {
  return new ViberLogFailure('unavailable', 'the circuit is open');
}
