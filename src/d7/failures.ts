/**
 * Every way in which reading or following a log of D7 can fail, named once. What the public reads of it is worded in graphql/errors.ts.
 */

export type FailureKind =
  | 'tokenRefused'
  | 'forbidden'
  | 'insufficientCredit'
  | 'requestRefused'
  | 'rateLimited'
  /** D7 was given its time, and did not use it. */
  | 'timeout'
  /** The operation's own time was up: D7 may have been given little of it, or none. */
  | 'outOfTime'
  | 'unavailable'
  | 'badResponse'
  /** The caller has more calls waiting than can be served in time, or the process has no memory left for more. */
  | 'overloaded'
  /** The gateway has as many subscriptions open as it takes, from this caller or in all. */
  | 'tooManySubscriptions'
  /** The client disconnected, and nobody reads the answer. */
  | 'cancelled';

/** How a call that was sent has ended, for the fair queue and the circuits. */
export type Outcome =
  /** D7 answered, whatever it said. */
  | 'answered'
  /** D7 was reached, and failed or stayed silent: the cause may be this caller's log. */
  | 'failed'
  /** No connection: that concerns all callers alike. */
  | 'unreachable'
  /** The call was given up, and says nothing about D7. */
  | 'abandoned';

type Details = {
  /** How long to wait before asking again; undefined where nobody knows. */
  retryAfterSeconds?: number | undefined;
  /** Whether another attempt may end better: the call is a GET, so it does no harm. */
  retriable?: boolean;
  /** False when the call never left the queue. */
  wasSent?: boolean;
};

export class ViberLogFailure extends Error {
  readonly kind: FailureKind;
  readonly retryAfterSeconds: number | undefined;
  readonly retriable: boolean;
  readonly wasSent: boolean;

  /** @param reason what was wrong, for the operator's log: never a body, a recipient, an address or a token. */
  constructor(
    kind: FailureKind,
    reason: string,
    { retryAfterSeconds, retriable = false, wasSent = true }: Details = {},
  ) {
    super(reason);
    this.name = 'ViberLogFailure';
    this.kind = kind;
    this.retryAfterSeconds = retryAfterSeconds;
    this.retriable = retriable;
    this.wasSent = wasSent;
  }
}

/**
 * What a status other than 200 and D7's own 404 means. The vendor's SDKs tell 400, 401, 402, 404, 422, other 4xx and 5xx
 * apart; 403, 429 and redirects are *assumed* to mean what HTTP says (RFC 9110).
 */
export function failureKindOf(status: number): FailureKind {
  if (status >= 500) return 'unavailable';
  switch (status) {
    case 400:
    case 422:
      return 'requestRefused';
    case 401:
      return 'tokenRefused';
    case 402:
      return 'insufficientCredit';
    case 403:
      return 'forbidden';
    case 429:
      return 'rateLimited';
    default:
      return 'badResponse';
  }
}

/** The statuses of a proxy or a service that may be well again in a moment. A 500 is a fault that would come again. */
export function isRetriable(status: number): boolean {
  return status === 502 || status === 503 || status === 504;
}

/** How a call that was given a connection has ended, for the fair queue. @param wasSent whether a connection was there to send it on. */
export function outcomeOf(error: unknown, wasSent: boolean): Outcome {
  if (!(error instanceof ViberLogFailure)) return 'answered';
  switch (error.kind) {
    case 'timeout':
    case 'unavailable':
      return wasSent ? 'failed' : 'unreachable';
    case 'cancelled':
    case 'outOfTime':
    case 'overloaded':
      return 'abandoned';
    default:
      return 'answered';
  }
}
