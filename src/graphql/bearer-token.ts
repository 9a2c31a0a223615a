/**
 * The caller's D7 token, from the header `Authorization` (RFC 6750, section 2.1).
 */
import { publicError } from './errors.ts';

/** The scheme in any case, then a `b64token`: no space, comma or control character can hide a second one. */
const bearer = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i;

/**
 * The token alone. Of two headers none is taken: whoever checked the caller before us may have looked at the other one.
 *
 * @throws GraphQLError UNAUTHENTICATED
 */
export function bearerToken(headers: readonly string[]): string {
  const [header = '', second] = headers;
  if (header.trim() === '' && second === undefined) throw publicError('tokenMissing');
  const token = second === undefined ? bearer.exec(header)?.[1] : undefined;
  if (token === undefined) throw publicError('tokenMalformed');
  return token;
}
