/**
 * The caller's D7 token, from the header `Authorization` (RFC 6750, section 2.1).
 */
import { publicError } from './errors.ts';

/** The scheme in any case, then a `b64token`: no space, comma or control character can hide a second one. */
const bearer = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i;

/** The token alone. @throws GraphQLError UNAUTHENTICATED */
export function bearerToken(header: string | null): string {
  if (header === null || header.trim() === '') throw publicError('tokenMissing');
  const token = bearer.exec(header)?.[1];
  if (token === undefined) throw publicError('tokenMalformed');
  return token;
}
