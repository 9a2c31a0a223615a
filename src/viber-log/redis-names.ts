/**
 * The names of keys and channels in Redis. A name is an HMAC under the operator's secret, so Redis learns no token and no request id.
 */
import { createHmac } from 'node:crypto';

/** Increase it with every change of the names or the stored values: replicas of different versions must not share them. */
const formatVersion = 6;

export type NameParts =
  | readonly ['epoch', string]
  | readonly ['result' | 'lease', string, string]
  | readonly ['revocations'];

/** The input is JSON, so that different lists of parts never have the same name, whatever characters the parts contain. */
export function redisNameOf(secret: string, parts: NameParts): string {
  return `viber-log:${formatVersion}:${createHmac('sha256', secret).update(JSON.stringify(parts)).digest('base64url')}`;
}
