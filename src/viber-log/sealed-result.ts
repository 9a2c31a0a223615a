/**
 * A result encrypted for Redis. Reading or forging it takes both the caller's token and the operator's secret.
 *
 * The cipher is AES-256-GCM with a new nonce for each result; its key is derived from token and secret (HKDF, RFC 5869). The name of
 * the entry and its epoch are additional authenticated data, so a result opens only for the caller, id and epoch it was written for.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { MessageList } from '../d7/log/message-list.ts';
import type { ReadResult } from '../d7/read-result.ts';

export type SealKey = Uint8Array;

const cipher = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

export function sealKeyOf(token: string, secret: string): SealKey {
  return new Uint8Array(hkdfSync('sha256', token, secret, 'result of a Viber log read', 32));
}

export function seal(result: ReadResult, key: SealKey, name: string): Buffer {
  const nonce = randomBytes(nonceBytes);
  const sealing = createCipheriv(cipher, key, nonce).setAAD(Buffer.from(name));
  const parts = encode(result).map((part) => sealing.update(part));
  parts.push(sealing.final());
  return Buffer.concat([nonce, sealing.getAuthTag(), ...parts]);
}

/** Undefined for bytes that were not sealed with this key and this name. */
export function unseal(bytes: Buffer, key: SealKey, name: string): ReadResult | undefined {
  if (bytes.length < nonceBytes + tagBytes) return undefined;
  const nonce = bytes.subarray(0, nonceBytes);
  const opening = createDecipheriv(cipher, key, nonce, { authTagLength: tagBytes })
    .setAAD(Buffer.from(name))
    .setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
  try {
    const plain = Buffer.concat([opening.update(bytes.subarray(nonceBytes + tagBytes)), opening.final()]);
    return decode(plain);
  } catch {
    return undefined;
  }
}

/** One line of JSON, followed by the bytes of the log's messages. */
function encode(result: ReadResult): Buffer[] {
  if (result.kind !== 'log') return [Buffer.from(`${JSON.stringify(result)}\n`)];
  const { messages, ...log } = result.log;
  const { count, areFinal, list } = messages;
  return [Buffer.from(`${JSON.stringify({ ...result, log: { ...log, count, areFinal } })}\n`), list];
}

function decode(plain: Buffer): ReadResult {
  const lineEnd = plain.indexOf('\n');
  const { log, ...line } = JSON.parse(plain.toString('utf8', 0, lineEnd));
  const result = { ...line, fetchedAt: new Date(line.fetchedAt) };
  if (!log) return result;
  const { requestId, totalRecipients, channel, ...list } = log;
  const place = { ...list, start: lineEnd + 1, end: plain.length, layout: null };
  const messages = new MessageList(requestId, plain, place);
  return { ...result, log: { requestId, totalRecipients, channel, messages } };
}
