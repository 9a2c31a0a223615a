/**
 * What a caller may ask for: checked before anything is read, so that no input can reach another path of D7.
 */
import { publicError } from './errors.ts';

const requestIdShape = /^[A-Za-z0-9_-]{1,128}$/;

/** The id without the spaces around it. @throws GraphQLError BAD_USER_INPUT */
export function parseRequestId(input: string): string {
  const requestId = requestIdIn(input);
  if (requestId === null) throw publicError('requestIdInvalid');
  return requestId;
}

export function requestIdIn(input: string): string | null {
  const requestId = input.trim();
  return requestIdShape.test(requestId) ? requestId : null;
}
