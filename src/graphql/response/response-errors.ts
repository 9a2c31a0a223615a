/**
 * Gives a response's errors their final form, for both paths and all transports: each has a code, their number and length are bounded, and
 * none contains what caused it.
 *
 * Our own errors are whole by then. These are graphql-js's and Yoga's: documents and variables that do not fit, an operation that is
 * not there, a body that is no JSON. Their messages quote the request, some of them once for each error.
 */
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { type ErrorCode, isErrorCode } from '../error-codes.ts';
import { isRefusal, publicErrors } from '../errors.ts';

export type ErrorLimits = {
  maxErrors: number;
  /** Of a document: who repairs it needs the first few, and a scanner counts the rest as amplification. */
  maxDocumentErrors: number;
  maxMessageLength: number;
  maxLocations: number;
};

const documentCodes = new Set<unknown>(['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED']);
/** For an error without a code, or with one of a library that the table lacks: the request could not be understood. */
const defaultCode = 'BAD_USER_INPUT';

/** The last of them says how many are not there. */
export function boundedErrors(
  errors: readonly GraphQLError[],
  { maxErrors, maxDocumentErrors }: ErrorLimits,
): readonly GraphQLError[] {
  const areOfDocument = errors.some(({ extensions }) => documentCodes.has(extensions?.code));
  const most = areOfDocument ? maxDocumentErrors : maxErrors;
  if (errors.length <= most) return errors;
  return [...errors.slice(0, most - 1), omission(errors.length - (most - 1))];
}

/** The only message with a number in it: it is for people who look at the list alone. */
function omission(omitted: number): GraphQLError {
  const { code } = publicErrors.tooManyErrors;
  return new GraphQLError(`${omitted} more errors were omitted.`, { extensions: { code, omitted } });
}

export function formattedError(
  error: GraphQLError,
  { maxMessageLength, maxLocations }: ErrorLimits,
): GraphQLFormattedError {
  const { message, locations, path, extensions } = error.toJSON();
  const formatted: { -readonly [Key in keyof GraphQLFormattedError]: GraphQLFormattedError[Key] } = {
    message: message.length > maxMessageLength ? `${message.slice(0, maxMessageLength - 1)}…` : message,
  };
  if (locations) formatted.locations = locations.slice(0, maxLocations);
  if (path) formatted.path = path;
  formatted.extensions = publicExtensions(extensions ?? {});
  return formatted;
}

export function codesIn(errors: readonly GraphQLError[]): ErrorCode[] {
  return [...new Set(errors.map(({ extensions }) => publicCode(extensions?.code)))];
}

function publicCode(code: unknown): ErrorCode {
  return isErrorCode(code) ? code : defaultCode;
}

/** Those that are ours. Yoga hangs the parser's own message on an error, and that quotes the body. */
function publicExtensions(extensions: Record<string, unknown>): Record<string, unknown> {
  const { code, limit, omitted, retryAfterSeconds } = extensions;
  const numbers = Object.entries({ limit, omitted, retryAfterSeconds }).filter(
    ([, value]) => typeof value === 'number',
  );
  return { code: publicCode(code), ...Object.fromEntries(numbers) };
}

/**
 * For Yoga, which chooses the status by what it notes in the extensions. `spec` is its mark for what GraphQL over HTTP (section 6.4.1)
 * allows with status 200 for clients of plain application/json. Yoga sets it on errors of the parser and of validation; a refusal has
 * the same status for every client.
 */
export function noteStatus(error: GraphQLError): void {
  const extensions: { code?: unknown; originalError?: unknown; http?: object } = error.extensions;
  extensions.code ??= defaultCode;
  const isUnreadable = extensions.originalError !== undefined;
  if (isUnreadable) delete extensions.originalError;
  if (isUnreadable || isRefusal(error)) extensions.http = { ...extensions.http, spec: false };
}
