/**
 * The key of a caller in every cache: an HMAC of the token, from which the token cannot be recovered.
 *
 * All clients with one token are one caller, because D7 gives them the same answers.
 */
import { createHmac, randomBytes } from 'node:crypto';

export function callerKeyOf(token: string, secret: string): string {
  return createHmac('sha256', secret).update(token).digest('base64url');
}

/** For a process without a configured secret; never stored. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}
