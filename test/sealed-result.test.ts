/** A result that was sealed for Redis opens with the same token, secret and name only, and is then the same. */
import { hkdfSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { decodeViberLog } from '../src/d7/log/decoder.ts';
import type { ReadResult } from '../src/d7/read-result.ts';
import { seal, sealKeyOf, unseal } from '../src/viber-log/sealed-result.ts';
import { log, message } from './fake-upstream.ts';

const fetchedAt = new Date('2026-01-01T00:00:00.123Z');
const key = sealKeyOf('token', 'secret');
const missing: ReadResult = {
  kind: 'noSuchLog',
  noSuchLog: { requestId: 'r', code: 'C', message: 'ä\n' },
  fetchedAt,
  bodyBytes: 70,
};

function logResult(messages: object[]): ReadResult {
  const decoded = decodeViberLog(Buffer.from(log('r', messages)), 'r', () => {});
  return { kind: 'log', log: decoded, fetchedAt, bodyBytes: 500 };
}

/** All that a reader can see of it. */
function visible(result: ReadResult | undefined): unknown {
  if (result?.kind !== 'log') return result;
  const { messages, ...rest } = result.log;
  const { count, areFinal } = messages;
  return { ...result, log: { ...rest, count, areFinal, messages: [...messages.decoded()] } };
}

describe('a sealed result', () => {
  it.each([
    ['a missing log', missing],
    ['a log without messages', logResult([])],
    ['a log that can change', logResult([message, { ...message, recipient: null, msg_id: 'ä' }])],
    ['a final log', logResult([{ ...message, status: 'delivered' }])],
  ])('opens as what it was: %s', (_what, result) => {
    expect(visible(unseal(seal(result, key, 'name'), key, 'name'))).toEqual(visible(result));
  });

  it.each([
    ['another token', sealKeyOf('other', 'secret'), 'name'],
    ['another secret', sealKeyOf('token', 'other'), 'name'],
    ['another name', key, 'other'],
  ])('does not open with %s', (_what, otherKey, name) => {
    expect(unseal(seal(missing, key, 'name'), otherKey, name)).toBeUndefined();
  });

  it('does not open where one byte is another one, or missing', () => {
    const sealed = seal(missing, key, 'name');
    for (let at = 0; at < sealed.length; at += 1) {
      const forged = Buffer.from(sealed);
      forged[at] = (forged[at] as number) ^ 1;
      expect(unseal(forged, key, 'name')).toBeUndefined();
      expect(unseal(sealed.subarray(0, at), key, 'name')).toBeUndefined();
    }
  });

  it('is different bytes each time, and shows nothing of the result', () => {
    const [one, other] = [seal(missing, key, 'name'), seal(missing, key, 'name')];
    expect(one.equals(other)).toBe(false);
    expect(one.includes('noSuchLog')).toBe(false);
  });

  it('has a key of 256 bits, which every release derives alike', () => {
    expect(key).toEqual(new Uint8Array(hkdfSync('sha256', 'token', 'secret', 'result of a Viber log read', 32)));
  });
});
