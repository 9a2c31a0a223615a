/**
 * The values of `extensions.code` in the errors of a response. Written by `npm run codegen`. Not for editing by hand.
 */
export type ErrorCode =
  /** The request has no valid token, or D7 does not accept the token (401). */
  | 'UNAUTHENTICATED'
  /** D7 does not allow this token to read this log (403). */
  | 'FORBIDDEN'
  /** The D7 account has too little credit (402). */
  | 'INSUFFICIENT_CREDIT'
  /** An argument, a variable or a cursor is not valid, there are too many ids, or D7 rejects the id (400, 422). */
  | 'BAD_USER_INPUT'
  /** D7 (429) or this gateway limits the rate; `extensions.retryAfterSeconds` if it is known. */
  | 'RATE_LIMITED'
  /** The calls of this token would wait too long in the queue, or the gateway is at a limit; retry after `extensions.retryAfterSeconds`. */
  | 'OVERLOADED'
  /** The operation wants summaries, filters or pages of too many messages. */
  | 'MAX_COMPUTED_ROWS_LIMIT'
  /** The response is too large: this error replaces it, and `data` is null. */
  | 'MAX_RESPONSE_BYTES_LIMIT'
  /** The last error of a long list: `extensions.omitted` is the number of errors that the response omits. */
  | 'TOO_MANY_ERRORS'
  /** Too many subscriptions are open, with this token or in total. */
  | 'MAX_SUBSCRIPTIONS_LIMIT'
  /** D7 did not complete its response in time, or the operation reached its deadline. */
  | 'UPSTREAM_TIMEOUT'
  /** D7 is unreachable, closed the connection or failed (5xx), or the circuit is open after such failures. */
  | 'UPSTREAM_UNAVAILABLE'
  /** The response is not the log: not JSON, no list of messages, a message without its id, too large, a redirect, another id, an unknown HTTP status, or a 404 without the code of D7. */
  | 'UPSTREAM_BAD_RESPONSE'
  /** A bug of the gateway; the response does not contain its cause. */
  | 'INTERNAL_SERVER_ERROR'
  /** The document has a syntax error. */
  | 'GRAPHQL_PARSE_FAILED'
  /** The document does not fit the schema. */
  | 'GRAPHQL_VALIDATION_FAILED'
  /** The document does not have the operation that the request names. */
  | 'OPERATION_RESOLUTION_FAILURE'
  /** The document is too long. */
  | 'MAX_TOKENS_LIMIT'
  /** The operation is nested too deeply. */
  | 'MAX_DEPTH_LIMIT'
  /** The operation has too many aliases. */
  | 'MAX_ALIASES_LIMIT'
  /** The operation has too many directives. */
  | 'MAX_DIRECTIVES_LIMIT'
  /** The operation repeats one field too often. */
  | 'MAX_REPEATED_FIELDS_LIMIT'
  /** The document has a name that is too long. */
  | 'MAX_NAME_LENGTH_LIMIT'
  /** The operation requests too many items, duplicates included. */
  | 'MAX_ITEMS_LIMIT'
  /** The operation requests too many different logs. */
  | 'MAX_UPSTREAM_CALLS_LIMIT'
  /** Only trusted documents run, and this is none of them. */
  | 'TRUSTED_DOCUMENT_REQUIRED'
  /** The request names another document than it has, or two documents. */
  | 'PERSISTED_QUERY_HASH_MISMATCH'
  /** The request names a document that is not trusted, or not registered: register it by a request with its text and hash. */
  | 'PERSISTED_QUERY_NOT_FOUND'
  /** The request has a hash of another version than 1 in place of its document, or APQ is off: send the document. */
  | 'PERSISTED_QUERY_NOT_SUPPORTED'
  /** The request is not GraphQL over HTTP (400, 405, 417). */
  | 'BAD_REQUEST'
  /** A page of another origin could send this request without a preflight: send JSON, or a token. */
  | 'CSRF_PREVENTED'
  /** Pages of this origin may not send requests (403). */
  | 'ORIGIN_NOT_ALLOWED'
  /** Nothing is served at this path (404). */
  | 'NOT_FOUND'
  /** The client accepts no media type of the response. The one of a subscription over HTTP is `text/event-stream`. */
  | 'NOT_ACCEPTABLE'
  /** The request did not arrive in time (408). */
  | 'REQUEST_TIMEOUT'
  /** The request is too large. */
  | 'REQUEST_ENTITY_TOO_LARGE'
  /** The body is compressed, or of another media type than JSON. */
  | 'UNSUPPORTED_MEDIA_TYPE'
  /** The client speaks another version of the WebSocket protocol (426). */
  | 'UPGRADE_REQUIRED'
  /** Too many pipelined requests wait on this connection (429). */
  | 'TOO_MANY_REQUESTS'
  /** The headers of the request are too large (431). */
  | 'REQUEST_HEADER_FIELDS_TOO_LARGE'
  /** The gateway is stopping (503). Connect again. */
  | 'SERVICE_STOPPING';
