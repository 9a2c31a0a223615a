/**
 * Every code that a response can have in `extensions.code`, and when. `npm run codegen` writes them for frontends, to schema/error-codes.ts.
 */
export type ErrorCode = keyof typeof errorCodes;

export const errorCodes = {
  // The gateway could not read something, or may not.
  UNAUTHENTICATED: 'The request has no valid token, or D7 does not accept the token (401).',
  FORBIDDEN: 'D7 does not allow this token to read this log (403).',
  INSUFFICIENT_CREDIT: 'The D7 account has too little credit (402).',
  BAD_USER_INPUT:
    'An argument, a variable or a cursor is not valid, there are too many ids, or D7 rejects the id (400, 422).',
  RATE_LIMITED: 'D7 (429) or this gateway limits the rate; `extensions.retryAfterSeconds` if it is known.',
  OVERLOADED:
    'The calls of this token would wait too long in the queue, or the gateway is at a limit; retry after `extensions.retryAfterSeconds`.',
  MAX_COMPUTED_ROWS_LIMIT: 'The operation wants summaries, filters or pages of too many messages.',
  MAX_RESPONSE_BYTES_LIMIT: 'The response is too large: this error replaces it, and `data` is null.',
  TOO_MANY_ERRORS:
    'The last error of a long list: `extensions.omitted` is the number of errors that the response omits.',
  MAX_SUBSCRIPTIONS_LIMIT: 'Too many subscriptions are open, with this token or in total.',
  UPSTREAM_TIMEOUT: 'D7 did not complete its response in time, or the operation reached its deadline.',
  UPSTREAM_UNAVAILABLE:
    'D7 is unreachable, closed the connection or failed (5xx), or the circuit is open after such failures.',
  UPSTREAM_BAD_RESPONSE:
    'The response is not the log: not JSON, no list of messages, a message without its id, too large, a redirect, another id, an unknown HTTP status, or a 404 without the code of D7.',
  INTERNAL_SERVER_ERROR: 'A bug of the gateway; the response does not contain its cause.',
  // The document is invalid, or exceeds a limit.
  GRAPHQL_PARSE_FAILED: 'The document has a syntax error.',
  GRAPHQL_VALIDATION_FAILED: 'The document does not fit the schema.',
  OPERATION_RESOLUTION_FAILURE: 'The document does not have the operation that the request names.',
  MAX_TOKENS_LIMIT: 'The document is too long.',
  MAX_DEPTH_LIMIT: 'The operation is nested too deeply.',
  MAX_ALIASES_LIMIT: 'The operation has too many aliases.',
  MAX_DIRECTIVES_LIMIT: 'The operation has too many directives.',
  MAX_REPEATED_FIELDS_LIMIT: 'The operation repeats one field too often.',
  MAX_NAME_LENGTH_LIMIT: 'The document has a name that is too long.',
  MAX_ITEMS_LIMIT: 'The operation requests too many items, duplicates included.',
  MAX_UPSTREAM_CALLS_LIMIT: 'The operation requests too many different logs.',
  TRUSTED_DOCUMENT_REQUIRED: 'Only trusted documents run, and this is none of them.',
  PERSISTED_QUERY_HASH_MISMATCH: 'The request names another document than it has, or two documents.',
  PERSISTED_QUERY_NOT_FOUND:
    'The request names a document that is not trusted, or not registered: register it by a request with its text and hash.',
  PERSISTED_QUERY_NOT_SUPPORTED:
    'The request has a hash of another version than 1 in place of its document, or APQ is off: send the document.',
  // The request is not one that the gateway takes.
  BAD_REQUEST: 'The request is not GraphQL over HTTP (400, 405, 417).',
  CSRF_PREVENTED: 'A page of another origin could send this request without a preflight: send JSON, or a token.',
  ORIGIN_NOT_ALLOWED: 'Pages of this origin may not send requests (403).',
  NOT_FOUND: 'Nothing is served at this path (404).',
  NOT_ACCEPTABLE:
    'The client accepts no media type of the response. The one of a subscription over HTTP is `text/event-stream`.',
  REQUEST_TIMEOUT: 'The request did not arrive in time (408).',
  REQUEST_ENTITY_TOO_LARGE: 'The request is too large.',
  UNSUPPORTED_MEDIA_TYPE: 'The body is compressed, or of another media type than JSON.',
  UPGRADE_REQUIRED: 'The client speaks another version of the WebSocket protocol (426).',
  TOO_MANY_REQUESTS: 'Too many pipelined requests wait on this connection (429).',
  REQUEST_HEADER_FIELDS_TOO_LARGE: 'The headers of the request are too large (431).',
  SERVICE_STOPPING: 'The gateway is stopping (503). Connect again.',
} as const satisfies Record<string, string>;

export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errorCodes, code);
}
