/**
 * The names of keys and channels in Redis. A name is an HMAC under the operator's secret, so Redis learns no token and no request id.
 */
import { createHmac } from 'node:crypto';

/** Increase it with every change of the names or the stored values: replicas of different versions must not share them. */
const formatVersion = 6;

export type NameParts =
  | readonly ['epoch', string]
  | readonly ['result' | 'lease', string, string]
  | readonly ['rate', string]
  | readonly ['totalRate']
  | readonly ['revocations'];

/**
 * The input is JSON, so that different lists of parts never have the same name, whatever characters the parts contain.
 *
 * The names of one caller have a common hash tag, since a node of a Redis Cluster refuses a command on several slots. The tag is so
 * short that it shows little more than the slot.
 */
export function redisNameOf(secret: string, parts: NameParts): string {
  const hash = createHmac('sha256', secret).update(JSON.stringify(parts)).digest('base64url');
  const [, callerKey] = parts;
  const name = callerKey === undefined ? hash : `{${callerKey.slice(0, tagLength)}}:${hash}`;
  return `viber-log:${formatVersion}:${name}`;
}

/** Of a caller's key, which is an HMAC in base64url. This many characters are more than there are slots. */
const tagLength = 3;
