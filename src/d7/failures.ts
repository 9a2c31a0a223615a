/**
 * Every way in which reading or following a log of D7 can fail, named once. graphql/errors.ts has the public message of each.
 */
import { errors } from 'undici';

export type FailureKind =
  | 'tokenRefused'
  | 'forbidden'
  | 'insufficientCredit'
  | 'requestRefused'
  | 'rateLimited'
  /** D7 exceeded a time limit of the attempt. */
  | 'timeout'
  /** The deadline of the operation passed. D7 may have had little time, or none. */
  | 'outOfTime'
  | 'unavailable'
  | 'badResponse'
  /** The caller has more calls waiting than D7 can serve in time, or the process has no memory left for more. */
  | 'overloaded'
  /** The limit of open subscriptions is reached, that of this caller or that of all. */
  | 'tooManySubscriptions'
  /** The client disconnected, so no response is needed. */
  | 'cancelled';

/** Why a call was not sent. */
export type NotSentReason =
  | 'circuitOpen'
  /** The caller, or all callers together, have too many calls waiting. */
  | 'queueFull'
  /** The calls that wait already would use up the time of this one. */
  | 'queueTooLong'
  | 'queueTimeout'
  | 'outOfTime'
  | 'cancelled';

/** How a call that was sent ended, for the fair queue and the circuits. */
export type Outcome =
  /** D7 answered, with whatever status. */
  | 'answered'
  /** D7 failed or did not answer. The cause may be this caller's log. */
  | 'failed'
  /** No connection, which concerns all callers alike. */
  | 'unreachable'
  /** The call was aborted, and is no evidence about D7. */
  | 'abandoned';

type Details = {
  /** Undefined where the delay is unknown. */
  retryAfterSeconds?: number | undefined;
  /** Whether another attempt may succeed. The call is a GET, so a retry is safe. */
  retriable?: boolean;
  /** Undefined when the call left the queue. */
  notSent?: NotSentReason | undefined;
  /** Whether D7 closed an idle connection just when the call was sent on it. Then D7 has not read the call, and a retry adds no load. */
  wasUnread?: boolean;
  /** Whether the next response on the connection could belong to another call. */
  endsConnection?: boolean;
};

export class ViberLogFailure extends Error {
  readonly kind: FailureKind;
  readonly retryAfterSeconds: number | undefined;
  readonly retriable: boolean;
  readonly notSent: NotSentReason | undefined;
  readonly wasUnread: boolean;
  readonly endsConnection: boolean;

  /** @param reason for the operator's log: never a body, a recipient, an address or a token. */
  constructor(
    kind: FailureKind,
    reason: string,
    { retryAfterSeconds, retriable = false, notSent, wasUnread = false, endsConnection = false }: Details = {},
  ) {
    super(reason);
    this.name = 'ViberLogFailure';
    this.kind = kind;
    this.retryAfterSeconds = retryAfterSeconds;
    this.retriable = retriable;
    this.notSent = notSent;
    this.wasUnread = wasUnread;
    this.endsConnection = endsConnection;
  }

  get wasSent(): boolean {
    return this.notSent === undefined;
  }
}

/**
 * What a status other than 200 and D7's own 404 means. The vendor's SDKs distinguish 400, 401, 402, 404, 422, other 4xx and 5xx;
 * 403, 429 and redirects are *assumed* to mean what HTTP says (RFC 9110).
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

/** The statuses of a proxy or a service that may recover soon. *Assumed*: a 500 is a fault that a retry meets again. */
export function isRetriable(status: number): boolean {
  return status === 502 || status === 503 || status === 504;
}

/**
 * Why there is no complete response. The reason is the code of undici or of Node, which is stable and does not contain the address, as a
 * message does. An error that is not listed means that D7 was not reached, or that the connection broke.
 *
 * @param hasHeaders whether the headers of the final response have arrived.
 */
export function transportFailureOf(error: Error & { code?: unknown }, hasHeaders: boolean): ViberLogFailure {
  const reason = typeof error.code === 'string' ? error.code : error.name;
  if (isBadResponse(error, hasHeaders)) return new ViberLogFailure('badResponse', reason);
  return new ViberLogFailure('unavailable', reason, { retriable: true });
}

/** What undici says of an interim response that it does not accept: 100, and 101. Its code is that of a broken connection as well. */
const interimFaults = new Set(['bad response', 'bad upgrade']);

function isBadResponse(error: Error, hasHeaders: boolean): boolean {
  // The response is not HTTP, or its headers are larger than any response of D7 needs.
  if (error instanceof errors.HTTPParserError || error instanceof errors.HeadersOverflowError) return true;
  if (error instanceof errors.SocketError) return interimFaults.has(error.message);
  // Before the headers it means a second Content-Length; after them the connection closed before the body ended.
  return error instanceof errors.ResponseContentLengthMismatchError && !hasHeaders;
}

/** How a call that left the fair queue ended. @param wasSent whether it had a connection. */
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
