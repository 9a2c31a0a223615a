/**
 * A reading as it may leave this machine: only who has the caller's token and the operator's secret can read it, or make one.
 *
 * AES-256-GCM under a key of the two (HKDF, RFC 5869), a new nonce for each, and the name and epoch of the entry
 * authenticated with it: what was written for one caller, id or epoch opens for no other.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { MessageList } from '../d7/log/message-list.ts';
import type { ReadResult } from '../d7/read-result.ts';

export type SealKey = Uint8Array;

const cipher = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

export function sealKeyOf(token: string, secret: string): SealKey {
  return new Uint8Array(hkdfSync('sha256', token, secret, 'reading of a Viber log', 32));
}

export function seal(reading: ReadResult, key: SealKey, name: string): Buffer {
  const nonce = randomBytes(nonceBytes);
  const sealing = createCipheriv(cipher, key, nonce).setAAD(Buffer.from(name));
  const parts = writtenOf(reading).map((part) => sealing.update(part));
  parts.push(sealing.final());
  return Buffer.concat([nonce, sealing.getAuthTag(), ...parts]);
}

/** Undefined for whatever was not sealed with this key under this name. */
export function unseal(bytes: Buffer, key: SealKey, name: string): ReadResult | undefined {
  if (bytes.length < nonceBytes + tagBytes) return undefined;
  const nonce = bytes.subarray(0, nonceBytes);
  const opening = createDecipheriv(cipher, key, nonce, { authTagLength: tagBytes })
    .setAAD(Buffer.from(name))
    .setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
  try {
    const opened = Buffer.concat([opening.update(bytes.subarray(nonceBytes + tagBytes)), opening.final()]);
    return readingFrom(opened);
  } catch {
    return undefined;
  }
}

/** A line of JSON, and after it the messages of a log, as they are. */
function writtenOf(reading: ReadResult): Buffer[] {
  if (reading.kind !== 'log') return [Buffer.from(`${JSON.stringify(reading)}\n`)];
  const { messages, ...log } = reading.log;
  const { count, areFinal, list } = messages;
  return [Buffer.from(`${JSON.stringify({ ...reading, log: { ...log, count, areFinal } })}\n`), list];
}

function readingFrom(written: Buffer): ReadResult {
  const lineEnd = written.indexOf('\n');
  const { log, ...line } = JSON.parse(written.toString('utf8', 0, lineEnd));
  const reading = { ...line, fetchedAt: new Date(line.fetchedAt) };
  if (!log) return reading;
  const { requestId, totalRecipients, channel, ...rows } = log;
  const messages = new MessageList(requestId, written, { ...rows, start: lineEnd + 1, end: written.length });
  return { ...reading, log: { requestId, totalRecipients, channel, messages } };
}
