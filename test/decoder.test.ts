/** The decoder, table by table. */
import { describe, expect, it } from 'vitest';
import { DecodeFault } from '../src/d7/log/decode-fault.ts';
import { decodeNoSuchLog, decodeViberLog } from '../src/d7/log/decoder.ts';
import type { ReportSchemaDrift } from '../src/d7/log/drift-counts.ts';
import { parseTimestamp } from '../src/d7/log/timestamp.ts';
import { message } from './fake-upstream.ts';

const log = { request_id: 'r1', total_recipients: 1, channel: 'viber', messages: [message] };

function decode(document: unknown) {
  return decodeText(JSON.stringify(document) ?? '');
}

function decodeText(text: string, report: ReportSchemaDrift = () => {}) {
  const { messages, ...log } = decodeViberLog(Buffer.from(text), 'r1', report);
  return { ...log, messages: messages.decoded() };
}

function decodeWith(change: Record<string, unknown>) {
  return decode({ ...log, messages: [message, { ...message, ...change }] });
}

describe('decodeViberLog', () => {
  it('takes D7’s names for ours', () => {
    expect(decode(log)).toEqual({
      requestId: 'r1',
      totalRecipients: 1,
      channel: 'viber',
      messages: [
        {
          requestId: 'r1',
          msgId: 'm1',
          country: 'AE',
          recipient: '+971509752600',
          status: 'SENT',
          rawStatus: 'sent',
          numberOfViberMessage: 1,
          viberCost: 0.0004,
          scheduleTime: null,
        },
      ],
    });
  });

  it.each([
    ['nothing at all', undefined, '$: expected a JSON object, got no JSON'],
    ['null', null, '$: expected a JSON object, got null'],
    ['a list', [], '$: expected a JSON object, got a list'],
    ['a text', 'log', '$: expected a JSON object, got a string'],
    ['no id', { ...log, request_id: undefined }, 'request_id: expected a string, got nothing'],
    ['another id', { ...log, request_id: 'r2' }, 'request_id: expected the requested id, got another id'],
    ['an id that is no text', { ...log, request_id: 7 }, 'request_id: expected a string, got another number'],
    ['no messages', { ...log, messages: undefined }, 'messages: expected a list, got nothing'],
    ['messages that are no list', { ...log, messages: {} }, 'messages: expected a list, got an object'],
    ['a message that is no object', { ...log, messages: [null] }, 'messages[0]: expected an object, got null'],
  ])('refuses %s', (_what, document, fault) => {
    expect(() => decode(document)).toThrow(expect.objectContaining({ message: fault }));
  });

  it.each([
    [{ msg_id: 1.5 }, 'messages[1].msg_id: expected a string, got another number'],
    [{ msg_id: -7 }, 'messages[1].msg_id: expected a string, got another number'],
    [{ msg_id: 1e21 }, 'messages[1].msg_id: expected a string, got another number'],
    [{ msg_id: null }, 'messages[1].msg_id: expected a string, got null'],
    [{ msg_id: undefined }, 'messages[1].msg_id: expected a string, got nothing'],
    [{ msg_id: true }, 'messages[1].msg_id: expected a string, got a boolean'],
    [{ msg_id: ['m1'] }, 'messages[1].msg_id: expected a string, got a list'],
  ])('names the field without which a message has no identity: %j', (change, fault) => {
    expect(() => decodeWith(change)).toThrow(expect.objectContaining({ message: fault }));
  });

  it.each([
    ['7', '7'],
    ['0', '0'],
    ['1e3', '1000'],
    ['9007199254740993', '9007199254740993'],
    ['12345678901234567890123', '12345678901234567890123'],
  ])('takes the id %s for the text %j, with every digit', (written, msgId) => {
    const odd: unknown[] = [];
    const text = JSON.stringify(log).replace('"m1"', written).replace('"+971509752600"', written);
    expect(decodeText(text, (drift) => odd.push(drift)).messages).toMatchObject([{ msgId, recipient: msgId }]);
    expect(odd).toEqual([
      { path: 'messages[].msg_id', expected: 'a string', count: 1 },
      { path: 'messages[].recipient', expected: 'a string', count: 1 },
    ]);
  });

  it.each([
    ['R1', 'r1'],
    ['r1', 'R1'],
    ['CEBA9FAC-838C-44C7', 'ceba9fac-838c-44c7'],
  ])('takes a log of %s as that of %s, which has the id as it was requested', (sent, requestId) => {
    for (const more of [{}, { more: {} }]) {
      const body = JSON.stringify({ ...log, request_id: sent, ...more });
      const read = decodeViberLog(Buffer.from(body), requestId, () => {});
      expect([read.requestId, read.messages.decoded()[0]?.requestId]).toEqual([requestId, requestId]);
    }
  });

  it('takes no other letter for one of the requested id', () => {
    for (const [sent, requestId] of [
      ['\u212a', 'k'],
      ['\u017f', 's'],
      ['[', '{'],
    ] as const) {
      const body = Buffer.from(JSON.stringify({ ...log, request_id: sent }));
      expect(() => decodeViberLog(body, requestId, () => {}), sent).toThrow('expected the requested id');
    }
  });

  it.each(['', ' '])('skips a byte order mark before %j and the log', (space) => {
    for (const document of [log, { ...log, more: {} }]) {
      expect(decodeText(`\uFEFF${space}${JSON.stringify(document)}`)).toEqual(decode(log));
    }
    expect(() => decodeText(`\uFEFF\uFEFF${JSON.stringify(log)}`)).toThrow('no JSON');
  });

  it('skips no other bytes', () => {
    const body = Buffer.from(JSON.stringify(log));
    for (const mark of [
      [0xef, 0xbb, 0xbe],
      [0xef, 0xba, 0xbf],
      [0xee, 0xbb, 0xbf],
    ]) {
      const marked = Buffer.concat([Buffer.from(mark), body]);
      expect(() => decodeViberLog(marked, 'r1', () => {})).toThrow('no JSON');
    }
  });

  it('refuses bytes that are not UTF-8', () => {
    for (const more of [{}, { more: {} }]) {
      const body = Buffer.from(JSON.stringify({ ...log, ...more }).replace('viber', '\u00ff'), 'latin1');
      expect(() => decodeViberLog(body, 'r1', () => {})).toThrow(
        expect.objectContaining({ name: 'DecodeFault', message: '$: expected a JSON object, got no JSON' }),
      );
    }
  });

  it.each([
    ['2', 2],
    ['0', 0],
    [2147483647, 2147483647],
    ['2147483647', 2147483647],
    ['2147483648', null],
    ['02', null],
    ['1e3', null],
    [' 2', null],
    ['', null],
    [['2'], null],
  ])('reads the number of parts %j as %j', (parts, expected) => {
    const change = { number_of_viber_message: parts, more: {} };
    expect(decodeWith(change).messages[1]?.numberOfViberMessage).toBe(expected);
  });

  it.each([
    ['0.0004', 0.0004],
    ['-0.5', -0.5],
    ['10', 10],
    ['00.5', null],
    ['1.', null],
    ['4e-4', null],
    ['9'.repeat(400), null],
    [['1'], null],
  ])('reads the cost %j as %j', (cost, expected) => {
    expect(decodeWith({ viber_cost: cost }).messages[1]?.viberCost).toBe(expected);
  });

  it.each([7, true, { name: 'viber' }])('reads the channel %j as null', (channel) => {
    expect(decode({ ...log, channel }).channel).toBeNull();
  });

  it('takes no list of a time for a time', () => {
    expect(decodeWith({ schedule_time: ['2024-02-05T09:48:42Z'] }).messages[1]?.scheduleTime).toBeNull();
  });

  it('reads a cost that JSON can write and a number cannot hold as null', () => {
    const odd: unknown[] = [];
    const text = JSON.stringify(log).replace('0.0004', '1e999');
    expect(decodeText(text, (drift) => odd.push(drift)).messages[0]?.viberCost).toBeNull();
    expect(odd).toEqual([{ path: 'messages[].viber_cost', expected: 'a finite number', count: 1 }]);
  });

  it.each([
    ['delivered', 'DELIVERED'],
    ['sent', 'SENT'],
    ['undelivered', 'UNDELIVERED'],
    ['Delivered', 'DELIVERED'],
    ['UN_DELIVERED', 'UNDELIVERED'],
    ['un-delivered', 'UNDELIVERED'],
    ['_sent_', 'SENT'],
    ['', 'UNKNOWN'],
    ['seen', 'UNKNOWN'],
    ['constructor', 'UNKNOWN'],
    ['un delivered', 'UNKNOWN'],
  ])('reads the status %j as %s', (rawStatus, status) => {
    expect(decodeWith({ status: rawStatus }).messages[1]).toMatchObject({ status, rawStatus });
  });

  it.each([
    [{ number_of_viber_message: 2 }, 2],
    [{ number_of_viber_message: undefined, number_of_sms: 3 }, 3],
    [{ number_of_viber_message: null, number_of_sms: 3 }, 3],
    [{ number_of_viber_message: 2, number_of_sms: 3 }, 2],
    [{ number_of_viber_message: 0, number_of_sms: 3 }, 0],
  ])('reads the parts of %j as %i', (change, parts) => {
    expect(decodeWith(change).messages[1]?.numberOfViberMessage).toBe(parts);
  });

  it.each([
    ['in a plain log', {}],
    ['in one that is not', { extra: {} }],
  ])('reports what deviates once for each field, with its path and its number: %s', (_where, extra) => {
    const odd: unknown[] = [];
    const oddMessage = { ...message, schedule_time: 'soon', viber_cost: null };
    const text = JSON.stringify({
      ...log,
      channel: null,
      messages: [oddMessage, message, { ...oddMessage, ...extra }],
    });
    const { channel, messages } = decodeText(text, (drift) => odd.push(drift));
    expect([channel, messages[2]]).toMatchObject([null, { scheduleTime: null, viberCost: null, msgId: 'm1' }]);
    expect(odd).toEqual([
      { path: 'channel', expected: 'a string', count: 1 },
      { path: 'messages[].viber_cost', expected: 'a finite number', count: 2 },
      { path: 'messages[].schedule_time', expected: expect.stringContaining('an offset'), count: 2 },
    ]);
  });

  it('reports nothing of a log that it refuses', () => {
    const odd: unknown[] = [];
    const text = JSON.stringify({ ...log, channel: null, messages: [{ ...message, viber_cost: null }, null] });
    expect(() => decodeText(text, (drift) => odd.push(drift))).toThrow(DecodeFault);
    expect(odd).toEqual([]);
  });
});

describe('decodeNoSuchLog', () => {
  it.each([
    [{ detail: { code: 'C', message: 'M' } }, { code: 'C', message: 'M' }],
    [{ detail: { code: 'C' } }, { code: 'C', message: 'C' }],
    [{ detail: { code: 'C', message: 7 } }, { code: 'C', message: 'C' }],
    [{ detail: { code: '', message: 'M' } }, null],
    [{ detail: { message: 'M' } }, null],
    [{ detail: { code: 404 } }, null],
    [{ detail: 'Not Found' }, null],
    [{ detail: [{ code: 'C' }] }, null],
    [{ detail: null }, null],
    [{ code: 'C', message: 'M' }, null],
    [null, null],
  ])('reads %j as %j', (document, expected) => {
    expect(decodeNoSuchLog(Buffer.from(JSON.stringify(document)), 'r1')).toEqual(
      expected && { requestId: 'r1', ...expected },
    );
  });

  it('skips a byte order mark', () => {
    const body = Buffer.from(`\uFEFF${JSON.stringify({ detail: { code: 'C' } })}`);
    expect(decodeNoSuchLog(body, 'r1')).toEqual({ requestId: 'r1', code: 'C', message: 'C' });
  });

  it('reads what is no JSON as null', () => {
    expect(decodeNoSuchLog(Buffer.from('<html>'), 'r1')).toBeNull();
  });
});

describe('parseTimestamp', () => {
  it.each([
    ['2024-02-05T09:48:42+0000', '2024-02-05T09:48:42.000Z'],
    ['2024-02-05T09:48:42+00:00', '2024-02-05T09:48:42.000Z'],
    ['2024-02-05T09:48:42Z', '2024-02-05T09:48:42.000Z'],
    ['2024-02-05T09:48:42+00', '2024-02-05T09:48:42.000Z'],
    ['2024-02-05T13:48:42+04', '2024-02-05T09:48:42.000Z'],
    ['2024-02-05t09:48:42z', '2024-02-05T09:48:42.000Z'],
    ['2024-02-05 09:48:42+0000', '2024-02-05T09:48:42.000Z'],
    ['2024-02-05T09:48:42.5+0000', '2024-02-05T09:48:42.500Z'],
    ['2024-02-05T09:48:42.123456789Z', '2024-02-05T09:48:42.123Z'],
    ['2024-02-05T13:48:42+0400', '2024-02-05T09:48:42.000Z'],
    ['2024-02-05T04:18:42-0530', '2024-02-05T09:48:42.000Z'],
    ['2024-02-29T23:59:59-23:59', '2024-03-01T23:58:59.000Z'],
    ['0000-06-01T00:00:00Z', '0000-06-01T00:00:00.000Z'],
    ['9999-06-01T00:00:00Z', '9999-06-01T00:00:00.000Z'],
    ['2024-02-05T09:48:42', null],
    ['2024-02-05', null],
    ['2023-02-29T09:48:42Z', null],
    ['2024-02-30T09:48:42Z', null],
    ['2024-13-01T09:48:42Z', null],
    ['2024-00-10T09:48:42Z', null],
    ['2024-02-00T09:48:42Z', null],
    ['2024-02-05T24:00:00Z', null],
    ['2024-02-05T09:60:42Z', null],
    ['2024-02-05T09:48:60Z', null],
    ['2024-02-05T09:48:42+2400', null],
    ['2024-02-05T09:48:42+24', null],
    ['2024-02-05T09:48:42+0', null],
    ['2024-02-05T09:48:42+00:', null],
    ['2024-02-05T09:48:42+0060', null],
    ['9999-12-31T23:59:59-0001', null],
    ['0000-01-01T00:00:00+0001', null],
    ['1707126522', null],
    ['tomorrow', null],
    ['', null],
  ])('reads %j as %j', (text, expected) => {
    expect(parseTimestamp(text)?.toISOString() ?? null).toBe(expected);
  });
});
