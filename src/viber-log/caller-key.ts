/**
 * The key of a caller in every cache: an HMAC of the token, from which the token cannot be recovered.
 *
 * All clients with one token are one caller, because D7 gives them the same answers.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';

export type CallerKeyOf = (token: string) => string;

/** Bounds the keys that are remembered. */
const maxKnownCallers = 1000;

/** @param secret of all replicas. Null: one of this process. */
export function createCallerKeys(secret: string | null): CallerKeyOf {
  const key = secret ?? randomSecret();
  /** Saves one HMAC for each operation of a recent caller. */
  const known = new LRUCache<string, string>({ max: maxKnownCallers });
  /** One operation asks more than once, and to hash a long token costs more than to compare it. */
  let lastToken: string | undefined;
  let lastKey = '';

  return (token) => {
    if (token === lastToken) return lastKey;
    lastKey = known.get(token) ?? newKeyOf(token);
    lastToken = token;
    return lastKey;
  };

  function newKeyOf(token: string): string {
    const callerKey = callerKeyOf(token, key);
    known.set(token, callerKey);
    return callerKey;
  }
}

export function callerKeyOf(token: string, secret: string): string {
  return createHmac('sha256', secret).update(token).digest('base64url');
}

/** For a process without a configured secret; never stored. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** The name of a caller in the log: long enough that two callers do not have the same, and of no use for a look into a cache. */
export function callerHashOf(callerKey: string): string {
  return callerKey.slice(0, 12);
}
