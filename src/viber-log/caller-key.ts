/**
 * What stands for a caller wherever something is kept: an HMAC of the token, from which nobody can work the token out.
 *
 * Callers with one token are one caller: D7 would tell them the same.
 */
import { createHmac, randomBytes } from 'node:crypto';

export function callerKeyOf(token: string, secret: string): string {
  return createHmac('sha256', secret).update(token).digest('base64url');
}

/** Lasts as long as the process. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}
