/**
 * The one table of public errors: what each failure is called outside, and the words that the caller reads.
 *
 * The messages are fixed. What D7, undici or Node said is not repeated, since it may contain addresses, tokens or phone numbers.
 */
import { GraphQLError } from 'graphql';
import { type FailureKind, ViberLogFailure } from '../d7/failures.ts';

/** What the gateway refuses by itself, without asking D7. */
type RefusalKind =
  | 'tokenMissing'
  | 'tokenMalformed'
  | 'requestIdInvalid'
  | 'tooManyRequestIds'
  | 'representationInvalid'
  | 'responseTooLarge'
  | 'tooManyErrors'
  | DocumentRefusalKind;

/** What it refuses before anything is run: with these the HTTP status is not 200. Apollo Router's names, where it has one. */
type DocumentRefusalKind =
  | 'tooManyTokens'
  | 'tooDeep'
  | 'tooManyAliases'
  | 'tooManyDirectives'
  | 'tooManyRepeatedFields'
  | 'nameTooLong'
  | 'tooManyItems'
  | 'tooManyUpstreamCalls'
  | 'representationMalformed'
  | 'noPreflight'
  | 'noEventStream';

type PublicError = { code: string; message: string; status?: 400 | 403 | 406 };

export type PublicErrorKind = keyof typeof publicErrors;

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
  representationInvalid: {
    code: 'BAD_USER_INPUT',
    message:
      'Not an entity of this subgraph: a representation is a ViberLog or a ViberRequest with a requestId, or a ViberMessage with a requestId and a msgId.',
  },
  responseTooLarge: {
    code: 'MAX_RESPONSE_BYTES_LIMIT',
    message: 'The response is too large, and none of it is sent. Ask for fewer logs, or fewer fields, at once.',
  },
  tooManyErrors: {
    code: 'TOO_MANY_ERRORS',
    message: 'More errors were omitted.',
  },
  requestRefused: {
    code: 'BAD_USER_INPUT',
    message: 'D7 refuses this request id as not valid. Check that it is the one that the Send endpoint answered.',
  },
  rateLimited: {
    code: 'RATE_LIMITED',
    message: 'D7 takes no more calls with this API token for now. Wait, then ask again.',
  },
  overloaded: {
    code: 'OVERLOADED',
    message:
      'This API token has more calls waiting than can be served in time, or the gateway is at a limit. Wait, then ask again.',
  },
  tooManySubscriptions: {
    code: 'MAX_SUBSCRIPTIONS_LIMIT',
    message: 'As many subscriptions are open as the gateway takes, with this API token or in all. Close some, or wait.',
  },
  timeout: {
    code: 'UPSTREAM_TIMEOUT',
    message: 'D7 did not answer in time. Ask again in a moment.',
  },
  outOfTime: {
    code: 'UPSTREAM_TIMEOUT',
    message:
      'The time of this operation was up before D7 had answered. Ask for fewer logs at once, or again in a moment.',
  },
  unavailable: {
    code: 'UPSTREAM_UNAVAILABLE',
    message: 'D7 cannot be reached, or failed. Ask again in a moment.',
  },
  badResponse: {
    code: 'UPSTREAM_BAD_RESPONSE',
    message: 'D7 answered with something that is not the log asked for. The query is not the cause; tell the operator.',
  },
  tooManyTokens: {
    code: 'MAX_TOKENS_LIMIT',
    message: 'The document has too many tokens. Send a shorter one.',
    status: 400,
  },
  tooDeep: {
    code: 'MAX_DEPTH_LIMIT',
    message: 'The operation is nested too deeply.',
    status: 400,
  },
  tooManyAliases: {
    code: 'MAX_ALIASES_LIMIT',
    message: 'The operation has too many aliases. Ask for several logs by viberLogs.',
    status: 400,
  },
  tooManyDirectives: {
    code: 'MAX_DIRECTIVES_LIMIT',
    message: 'The operation has too many directives.',
    status: 400,
  },
  tooManyRepeatedFields: {
    code: 'MAX_REPEATED_FIELDS_LIMIT',
    message: 'The operation repeats one field too often. Select it once.',
    status: 400,
  },
  nameTooLong: {
    code: 'MAX_NAME_LENGTH_LIMIT',
    message: 'The document has a name that is too long.',
    status: 400,
  },
  tooManyUpstreamCalls: {
    code: 'MAX_UPSTREAM_CALLS_LIMIT',
    message: 'The operation asks for too many different logs. Ask for them in several operations.',
    status: 400,
  },
  tooManyItems: {
    code: 'MAX_ITEMS_LIMIT',
    message: 'The operation asks for too many items, duplicates included. Ask for them in several operations.',
    status: 400,
  },
  representationMalformed: {
    code: 'BAD_USER_INPUT',
    message: 'A representation is an object with a __typename and a key. Nothing of this operation was run.',
    status: 400,
  },
  noPreflight: {
    code: 'CSRF_PREVENTED',
    message:
      'A browser could send this request without asking first. Send it as a POST of application/json, or with one of the headers Authorization, X-GraphQL-Yoga-CSRF, Apollo-Require-Preflight or X-Apollo-Operation-Name.',
    status: 403,
  },
  noEventStream: {
    code: 'NOT_ACCEPTABLE',
    message:
      'A subscription is answered as a stream of events. Send it with "Accept: text/event-stream", or over WebSocket by graphql-ws.',
    status: 406,
  },
} as const satisfies Record<RefusalKind | Exclude<FailureKind, 'cancelled'>, PublicError>;

/** What a bug of ours is called: nothing of its cause. */
export const unexpected = { message: 'Unexpected error.', extensions: { code: 'INTERNAL_SERVER_ERROR' } } as const;

const refusals = new WeakSet<GraphQLError>();

export function publicError(kind: PublicErrorKind, extensions: Record<string, unknown> = {}): GraphQLError {
  const { code, message, status }: PublicError = publicErrors[kind];
  if (status === undefined) return new GraphQLError(message, { extensions: { code, ...extensions } });
  const refusal = new GraphQLError(message, { extensions: { code, ...extensions, http: { status } } });
  refusals.add(refusal);
  return refusal;
}

/** Whether an error is a refusal of ours, which has its own HTTP status. Other errors may have the same code. */
export function isRefusal(error: GraphQLError): boolean {
  return refusals.has(error);
}

/** The public error for a failure. Anything else is a bug and is returned unchanged, to be masked. */
export function publicErrorFor(error: unknown): unknown {
  if (!(error instanceof ViberLogFailure)) return error;
  const { kind, retryAfterSeconds } = error;
  // The client has disconnected: no one reads this error.
  if (kind === 'cancelled') return publicError('unavailable');
  return publicError(kind, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
}
