/** Random documents, bytes and times: read, or refused as a fault. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeFault } from '../src/d7/log/decode-fault.ts';
import { decodeNoSuchLog, decodeViberLog } from '../src/d7/log/decoder.ts';
import { parseTimestamp } from '../src/d7/log/timestamp.ts';
import { message } from './fake-upstream.ts';

function decode(document: unknown) {
  const log = decodeViberLog(Buffer.from(JSON.stringify(document) ?? ''), 'r1', () => {});
  return { ...log, messages: log.messages.decoded() };
}

describe('a random body', () => {
  const field = fc.oneof(fc.jsonValue(), fc.constant(undefined));
  const anyMessage = fc.record(Object.fromEntries(Object.keys(message).map((key) => [key, field])));
  const nearlyMessage = fc.tuple(anyMessage, fc.subarray(Object.keys(message))).map(([odd, keys]) => {
    return { ...message, ...Object.fromEntries(keys.map((key) => [key, odd[key]])) };
  });
  const nearlyLog = fc.record({
    request_id: fc.oneof(fc.constant('r1'), field),
    total_recipients: fc.oneof(fc.nat(), field),
    channel: fc.oneof(fc.string(), field),
    messages: fc.oneof(fc.array(nearlyMessage), field),
  });

  it('is decoded or refused as a fault, and nothing else', () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), nearlyLog), (document) => {
        try {
          const { requestId, totalRecipients, messages } = decode(document);
          expect([requestId, totalRecipients === null || Number.isInteger(totalRecipients)]).toEqual(['r1', true]);
          for (const { status, viberCost, scheduleTime } of messages) {
            expect(['DELIVERED', 'SENT', 'UNDELIVERED', 'UNKNOWN']).toContain(status);
            expect(viberCost === null || Number.isFinite(viberCost)).toBe(true);
            expect(scheduleTime?.toISOString() ?? '0000-').toMatch(/^\d{4}-/);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeFault);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('does no harm as bytes, either', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(() => decodeViberLog(Buffer.from(bytes), 'r1', () => {})).toThrow(DecodeFault);
        expect(decodeNoSuchLog(Buffer.from(bytes), 'r1')).toBeNull();
      }),
    );
  });
});

describe('a random time', () => {
  it('reads one instant from every way to write it', () => {
    const instant = fc.date({ min: new Date('1000-01-01'), max: new Date('9000-01-01'), noInvalidDate: true });
    const offsetMinutes = fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 });
    fc.assert(
      fc.property(instant, offsetMinutes, fc.constantFrom(':', ''), (time, offset, colon) => {
        const local = new Date(time.getTime() + offset * 60_000).toISOString().slice(0, -1);
        const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60].map((part) =>
          String(part).padStart(2, '0'),
        );
        expect(parseTimestamp(`${local}${offset < 0 ? '-' : '+'}${hours}${colon}${minutes}`)).toEqual(time);
      }),
    );
  });
});
