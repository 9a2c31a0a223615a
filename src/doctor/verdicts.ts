/**
 * What the doctor can find, each with its exit code for pipelines. 1 is left to Node, for a bug.
 */
import type { FailureKind } from '../d7/failures.ts';

/** .deploy/README.md has the same table. */
export const exitCodes = {
  healthy: 0,
  wrongUsage: 2,
  unreachable: 3,
  refused: 4,
  failed: 5,
  invalid: 6,
  noSuchLog: 7,
  drift: 8,
} as const;

export type Verdict = Exclude<keyof typeof exitCodes, 'wrongUsage'>;

export const summaries: Readonly<Record<Verdict, string>> = {
  healthy: 'The log matches the contract.',
  unreachable: 'D7 could not be reached, or its TLS is not valid. No token was sent.',
  refused: 'D7 refuses this call.',
  failed: 'D7 failed, or did not answer in time.',
  invalid: 'The response is not a log of D7.',
  noSuchLog: 'D7 has no log of this request id, so no field was checked.',
  drift: 'The gateway can read the log, and some of its fields deviate from the contract.',
};

/** @param isConnected whether the connection, with its TLS, was open. */
export function verdictOf(kind: FailureKind, isConnected: boolean): Verdict {
  switch (kind) {
    case 'tokenRefused':
    case 'forbidden':
    case 'insufficientCredit':
    case 'requestRefused':
    case 'rateLimited':
      return 'refused';
    case 'badResponse':
      return 'invalid';
    case 'timeout':
    case 'outOfTime':
    case 'unavailable':
      return isConnected ? 'failed' : 'unreachable';
    case 'overloaded':
    case 'tooManySubscriptions':
    case 'cancelled':
      return 'failed';
  }
}
