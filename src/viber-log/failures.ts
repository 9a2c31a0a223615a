/**
 * Every way in which reading a log from D7 can fail, named once. What the public reads of it is worded in graphql/errors.ts.
 */

export type FailureKind =
  | 'tokenRefused'
  | 'forbidden'
  | 'insufficientCredit'
  | 'requestRefused'
  | 'rateLimited'
  | 'timeout'
  | 'unavailable'
  | 'badResponse';

type Details = {
  /** How long D7 asks to wait; undefined where D7 does not say. */
  retryAfterSeconds?: number | undefined;
};

export class ViberLogFailure extends Error {
  readonly kind: FailureKind;
  readonly retryAfterSeconds: number | undefined;

  /** @param reason what was wrong, for the operator's log: never a body, a recipient, an address or a token. */
  constructor(kind: FailureKind, reason: string, { retryAfterSeconds }: Details = {}) {
    super(reason);
    this.name = 'ViberLogFailure';
    this.kind = kind;
    this.retryAfterSeconds = retryAfterSeconds;
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
