/**
 * The one table of public errors: what each failure is called outside, and the words that the caller reads.
 *
 * The words are ours and fixed. What D7, undici or Node said stays inside, since it may tell addresses, tokens or numbers.
 */
import { GraphQLError } from 'graphql';
import { type FailureKind, ViberLogFailure } from '../viber-log/failures.ts';

/** What the gateway refuses by itself, without asking D7. */
type RefusalKind = 'tokenMissing' | 'tokenMalformed' | 'requestIdInvalid' | 'tooManyRequestIds';

export const publicErrors = {
  tokenMissing: {
    code: 'UNAUTHENTICATED',
    message: 'A D7 API token is needed: send it in the header "Authorization: Bearer <token>".',
  },
  tokenMalformed: {
    code: 'UNAUTHENTICATED',
    message: 'The header Authorization cannot be read: it must be "Bearer", one space and one D7 API token.',
  },
  tokenRefused: {
    code: 'UNAUTHENTICATED',
    message: 'D7 does not accept this API token. Check that it is whole and has not expired.',
  },
  forbidden: {
    code: 'FORBIDDEN',
    message: 'D7 does not let this API token read this log.',
  },
  insufficientCredit: {
    code: 'INSUFFICIENT_CREDIT',
    message: 'The D7 account has too little credit. Top it up, then ask again.',
  },
  requestIdInvalid: {
    code: 'BAD_USER_INPUT',
    message: 'A request id has 1 to 128 characters of A-Z, a-z, 0-9, _ and -. This one does not; D7 was not asked.',
  },
  tooManyRequestIds: {
    code: 'BAD_USER_INPUT',
    message: 'Too many request ids in one list; D7 was not asked. Ask for them in several operations.',
  },
  requestRefused: {
    code: 'BAD_USER_INPUT',
    message: 'D7 refuses this request id as not valid. Check that it is the one that the Send endpoint answered.',
  },
  rateLimited: {
    code: 'RATE_LIMITED',
    message: 'D7 takes no more calls with this API token for now. Wait, then ask again.',
  },
  timeout: {
    code: 'UPSTREAM_TIMEOUT',
    message: 'D7 did not answer in time. Ask again in a moment.',
  },
  unavailable: {
    code: 'UPSTREAM_UNAVAILABLE',
    message: 'D7 cannot be reached, or failed. Ask again in a moment.',
  },
  badResponse: {
    code: 'UPSTREAM_BAD_RESPONSE',
    message: 'D7 answered with something that is not the log asked for. The query is not the cause; tell the operator.',
  },
} as const satisfies Record<RefusalKind | FailureKind, { code: string; message: string }>;

export function publicError(kind: keyof typeof publicErrors, extensions: Record<string, unknown> = {}): GraphQLError {
  const { code, message } = publicErrors[kind];
  return new GraphQLError(message, { extensions: { code, ...extensions } });
}

/** A failure in the caller's words. Whatever has no name is a bug, and goes on as it is, to be masked. */
export function publicErrorFor(error: unknown): unknown {
  if (!(error instanceof ViberLogFailure)) return error;
  const { kind, retryAfterSeconds } = error;
  return publicError(kind, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
}
