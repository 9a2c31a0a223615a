/**
 * The caller's D7 token, from the header `Authorization` (RFC 6750, section 2.1).
 */
import type { GraphQLError } from 'graphql';
import { publicError } from './errors.ts';

/** The scheme in any case, then a `b64token`: no space, comma or control character can hide a second one. */
const bearer = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i;

/**
 * The token alone; undefined where there is none. Of two headers neither is taken: a proxy that checked the caller may have checked the
 * other one.
 */
export function bearerTokenIn([header = '', second]: readonly string[]): string | undefined {
  return second === undefined ? bearer.exec(header)?.[1] : undefined;
}

/** Why there is none. */
export function tokenFaultIn([header = '', second]: readonly string[]): GraphQLError {
  return publicError(header.trim() === '' && second === undefined ? 'tokenMissing' : 'tokenMalformed');
}
