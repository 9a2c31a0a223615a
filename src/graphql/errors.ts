/**
 * The one table of public errors: what each failure is called outside, and the words that the caller reads.
 *
 * The messages are fixed. What D7, undici or Node said is not repeated, since it may contain addresses, tokens or phone numbers.
 */
import { GraphQLError } from 'graphql';
import { type FailureKind, ViberLogFailure } from '../d7/failures.ts';
import type { ErrorCode } from './error-codes.ts';

/** What the gateway refuses by itself, without asking D7. */
type RefusalKind =
  | 'tokenMissing'
  | 'tokenMalformed'
  | 'requestIdInvalid'
  | 'tooManyRequestIds'
  | 'representationInvalid'
  | 'pageSizeInvalid'
  | 'cursorUnknown'
  | 'tooManyRows'
  | 'responseTooLarge'
  | 'tooManyErrors'
  | WholeRefusalKind
  | DocumentRefusalKind;

/** What it refuses as a whole because of what else is asked for at the time. */
type WholeRefusalKind = 'callerRateExceeded' | 'totalRateExceeded' | 'gatewayOverloaded' | 'tooManyNewDocuments';

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
  | 'noEventStream'
  | 'contentCodingUnknown'
  | 'trustedDocumentRequired'
  | 'documentIdInvalid'
  | 'persistedQueryNotFound'
  | 'persistedQueryMismatch'
  | 'persistedQueryNotSupported';

type PublicError = {
  code: ErrorCode;
  message: string;
  status?: 200 | 400 | 403 | 406 | 415 | 429 | 503;
  headers?: Readonly<Record<string, string>>;
};

export type PublicErrorKind = keyof typeof publicErrors;

export const publicErrors = {
  tokenMissing: {
    code: 'UNAUTHENTICATED',
    message: 'A D7 API token is needed: send it in the header "Authorization: Bearer <token>".',
  },
  tokenMalformed: {
    code: 'UNAUTHENTICATED',
    message: 'The header Authorization is malformed: it must be "Bearer", one space and one D7 API token.',
  },
  tokenRefused: {
    code: 'UNAUTHENTICATED',
    message: 'D7 does not accept this API token. Check that it is complete and has not expired.',
  },
  forbidden: {
    code: 'FORBIDDEN',
    message: 'D7 does not allow this API token to read this log.',
  },
  insufficientCredit: {
    code: 'INSUFFICIENT_CREDIT',
    message: 'The D7 account has insufficient credit. Top it up, then try again.',
  },
  requestIdInvalid: {
    code: 'BAD_USER_INPUT',
    message:
      'A request id must have 1 to 128 characters of A-Z, a-z, 0-9, _ and -. This one does not, and was not sent to D7.',
  },
  tooManyRequestIds: {
    code: 'BAD_USER_INPUT',
    message: 'The list has too many request ids. Split it into several operations. None was sent to D7.',
  },
  representationInvalid: {
    code: 'BAD_USER_INPUT',
    message:
      'Not an entity of this subgraph: a representation is a ViberLog or a ViberRequest with a requestId, or a ViberMessage with a requestId and a msgId.',
  },
  pageSizeInvalid: {
    code: 'BAD_USER_INPUT',
    message: 'A page has 0 to 500 messages: first and last must be in this range.',
  },
  cursorUnknown: {
    code: 'BAD_USER_INPUT',
    message: 'The log has no message with this cursor any more, or never had one. Start again without a cursor.',
  },
  tooManyRows: {
    code: 'MAX_COMPUTED_ROWS_LIMIT',
    message:
      'The operation computes summaries, filters or pages of too many messages. Request fewer logs, or fewer such fields, at once.',
  },
  responseTooLarge: {
    code: 'MAX_RESPONSE_BYTES_LIMIT',
    message: 'The response would be too large. Request fewer logs or fewer fields at once.',
  },
  tooManyErrors: {
    code: 'TOO_MANY_ERRORS',
    message: 'More errors were omitted.',
  },
  requestRefused: {
    code: 'BAD_USER_INPUT',
    message:
      'D7 rejects this request id as invalid. Check that it is the request_id that the Send endpoint of D7 returned.',
  },
  rateLimited: {
    code: 'RATE_LIMITED',
    message: 'D7 limits the rate of calls with this API token. Wait, then try again.',
  },
  overloaded: {
    code: 'OVERLOADED',
    message: 'Too many calls with this API token are waiting, or the gateway is at a limit. Wait, then try again.',
  },
  callerRateExceeded: {
    code: 'RATE_LIMITED',
    message:
      'This gateway limits how many logs a caller may ask for in a while, and you have reached the limit. Wait, then try again.',
    status: 429,
  },
  totalRateExceeded: {
    code: 'RATE_LIMITED',
    message:
      'This gateway limits how many logs all callers together may ask for in a while, and they have reached the limit. Wait, then try again.',
    status: 429,
  },
  gatewayOverloaded: {
    code: 'OVERLOADED',
    message: 'The gateway is overloaded by all callers together. Wait, then try again.',
    status: 503,
  },
  tooManyNewDocuments: {
    code: 'OVERLOADED',
    message: 'Too many documents that the gateway does not know wait to be validated. Wait, then try again.',
    status: 503,
  },
  tooManySubscriptions: {
    code: 'MAX_SUBSCRIPTIONS_LIMIT',
    message: 'Too many subscriptions are open, with this API token or in total. Close some, or try again later.',
  },
  timeout: {
    code: 'UPSTREAM_TIMEOUT',
    message: 'D7 did not respond in time. Try again in a moment.',
  },
  outOfTime: {
    code: 'UPSTREAM_TIMEOUT',
    message: 'The operation timed out before D7 responded. Request fewer logs at once, or try again in a moment.',
  },
  unavailable: {
    code: 'UPSTREAM_UNAVAILABLE',
    message: 'D7 cannot be reached, or fails. Try again in a moment.',
  },
  badResponse: {
    code: 'UPSTREAM_BAD_RESPONSE',
    message: 'The response of D7 is not the requested log. The query is not the cause: report this to the operator.',
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
    message: 'The operation has too many aliases. Request several logs with viberLogs.',
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
    message: 'The operation requests too many different logs. Split it into several operations.',
    status: 400,
  },
  tooManyItems: {
    code: 'MAX_ITEMS_LIMIT',
    message: 'The operation requests too many items, duplicates included. Split it into several operations.',
    status: 400,
  },
  representationMalformed: {
    code: 'BAD_USER_INPUT',
    message: 'A representation must be an object with a __typename and a key. Nothing of this operation was executed.',
    status: 400,
  },
  noPreflight: {
    code: 'CSRF_PREVENTED',
    message:
      'A browser could send this request without a CORS preflight. Send it as a POST of application/json, or with one of the headers Authorization, X-GraphQL-Yoga-CSRF, Apollo-Require-Preflight or X-Apollo-Operation-Name.',
    status: 403,
  },
  noEventStream: {
    code: 'NOT_ACCEPTABLE',
    message:
      'The response to a subscription is an event stream. Send it with "Accept: text/event-stream", or over WebSocket by graphql-ws.',
    status: 406,
  },
  contentCodingUnknown: {
    code: 'UNSUPPORTED_MEDIA_TYPE',
    message: 'The body is compressed, and the gateway decompresses nothing: send it without Content-Encoding.',
    status: 415,
    // RFC 9110, section 12.5.3.
    headers: { 'accept-encoding': 'identity' },
  },
  trustedDocumentRequired: {
    code: 'TRUSTED_DOCUMENT_REQUIRED',
    message: 'Only trusted documents run here, and this is none of them. Add it to the manifest of the gateway.',
    status: 400,
  },
  documentIdInvalid: {
    code: 'BAD_USER_INPUT',
    message: 'The id of a document must be a string.',
    status: 400,
  },
  // Some clients recognise these two by the message, and send the query only after a response of status 200.
  persistedQueryNotFound: {
    code: 'PERSISTED_QUERY_NOT_FOUND',
    message: 'PersistedQueryNotFound',
    status: 200,
  },
  persistedQueryNotSupported: {
    code: 'PERSISTED_QUERY_NOT_SUPPORTED',
    message: 'PersistedQueryNotSupported',
    status: 200,
  },
  persistedQueryMismatch: {
    code: 'PERSISTED_QUERY_HASH_MISMATCH',
    message: 'The request names another document than it has, or two documents. The hash of a document is its SHA-256.',
    status: 400,
  },
} as const satisfies Record<RefusalKind | Exclude<FailureKind, 'cancelled'>, PublicError>;

/** What a bug of ours is called: nothing of its cause. */
export const unexpected = {
  message: 'Unexpected error.',
  extensions: { code: 'INTERNAL_SERVER_ERROR' },
} as const satisfies { message: string; extensions: { code: ErrorCode } };

const refusals = new WeakSet<GraphQLError>();

export function publicError(kind: PublicErrorKind, extensions: Record<string, unknown> = {}): GraphQLError {
  const { code, message, status, headers }: PublicError = publicErrors[kind];
  if (status === undefined) return new GraphQLError(message, { extensions: { code, ...extensions } });
  const { retryAfterSeconds } = extensions;
  const all = retryAfterSeconds === undefined ? headers : { ...headers, 'retry-after': String(retryAfterSeconds) };
  const http = all ? { status, headers: all } : { status };
  const refusal = new GraphQLError(message, { extensions: { code, ...extensions, http } });
  refusals.add(refusal);
  return refusal;
}

/** Whether an error is a refusal of ours, which has its own HTTP status. Other errors may have the same code. */
export function isRefusal(error: GraphQLError): boolean {
  return refusals.has(error);
}

export type RefusalHttp = { status: number; headers?: Readonly<Record<string, string>> };

/** How a refusal of ours is sent; undefined for every other error. */
export function refusalHttpOf(error: GraphQLError): RefusalHttp | undefined {
  return isRefusal(error) ? (error.extensions.http as RefusalHttp) : undefined;
}

/** The public error for a failure. Anything else is a bug and is returned unchanged, to be masked. */
export function publicErrorFor(error: unknown): unknown {
  if (!(error instanceof ViberLogFailure)) return error;
  const { kind, retryAfterSeconds } = error;
  // The client has disconnected: no one reads this error.
  if (kind === 'cancelled') return publicError('unavailable');
  return publicError(kind, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
}
