/** The messages of a log as bytes: the values of a row, and the rows of a list in any order. */
import { describe, expect, it } from 'vitest';
import { decodeViberLog } from '../src/d7/log/decoder.ts';
import { isSameLog, type ViberLog } from '../src/d7/log/log-scanner.ts';
import type { MessageList } from '../src/d7/log/message-list.ts';
import { columns, type Row } from '../src/d7/log/message-row.ts';
import { log, message } from './fake-upstream.ts';

function listOf(messages: readonly object[]): MessageList {
  return decodeViberLog(Buffer.from(log('r', messages)), 'r', () => {}).messages;
}

/** What is read of each row, one after the other by the same row object. */
function readOfRows<Value>(messages: readonly object[], read: (row: Row) => Value): Value[] {
  const values: Value[] = [];
  listOf(messages).walk((row) => values.push(read(row)));
  return values;
}

describe('a row', () => {
  const texts = ['AE', 'EA', 'A', '', 'GBR', 'é', '\n', '"', 'A"', '0a', 'a0', 'ÄÖ', null, undefined, 'AE'];

  it.each(['country', 'recipient'] as const)('has the text of the field %s, or null', (key) => {
    // The recipient may be missing in a log that is not canonical only.
    const given = texts.filter((text) => text !== undefined || key === 'country');
    const messages = given.map((text) => ({ ...message, [key]: text }));
    expect(readOfRows(messages, (row) => row.text(key))).toEqual(given.map((text) => text ?? null));
  });

  it('takes no two letters for two others', () => {
    const letters = [...'AB~! 09az'];
    const pairs = letters.flatMap((first) => letters.map((second) => first + second));
    const messages = [...pairs, ...pairs].map((country) => ({ ...message, country }));
    expect(readOfRows(messages, (row) => row.text('country'))).toEqual([...pairs, ...pairs]);
  });

  it('has a count, or null', () => {
    const messages = [0, 7, 120, null].map((parts) => ({ ...message, number_of_viber_message: parts }));
    expect(readOfRows(messages, (row) => row.count('numberOfViberMessage'))).toEqual([0, 7, 120, null]);
  });

  it('has the place of each value, or null', () => {
    const messages = [message, { ...message, country: null, viber_cost: null }, { ...message, country: undefined }];
    const read = (row: Row) =>
      (['msgId', 'country', 'viberCost'] as const).map((key) => {
        const start = row.startOf(key);
        return start === null ? null : row.bytes.toString('utf8', start, row.endOf(key));
      });
    expect(readOfRows(messages, read)).toEqual([
      ['"m1"', '"AE"', '0.0004'],
      ['"m1"', null, null],
      ['"m1"', null, '0.0004'],
    ]);
  });

  it.each([
    ['delivered', 'DELIVERED', 0, true],
    ['sent', 'SENT', 1, false],
    ['undelivered', 'UNDELIVERED', 2, true],
    ['Delivered', 'DELIVERED', 0, true],
    ['delivere', 'UNKNOWN', 3, false],
    ['sent ', 'UNKNOWN', 3, false],
    [null, 'UNKNOWN', 3, false],
  ])('with the status %j is %s', (rawStatus, status, index, isFinal) => {
    const read = (row: Row) => [row.status(), row.statusIndex(), row.isFinal(), row.token(columns.status).toString()];
    expect(readOfRows([{ ...message, status: rawStatus }], read)).toEqual([
      [status, index, isFinal, JSON.stringify(status)],
    ]);
  });

  it('has the JSON of what D7 does not write in that way', () => {
    const times = [
      '2024-02-05T09:48:42+0000',
      '2024-02-05T09:48:42+0000',
      null,
      undefined,
      'soon',
      '2024-02-05T09:48:43Z',
    ];
    const messages = times.map((time) => ({ ...message, country: undefined, schedule_time: time }));
    const read = (row: Row) =>
      [columns.requestId, columns.country, columns.scheduleTime].map((column) => row.token(column).toString());
    expect(readOfRows(messages, read)).toEqual(
      [
        '"2024-02-05T09:48:42.000Z"',
        '"2024-02-05T09:48:42.000Z"',
        'null',
        'null',
        'null',
        '"2024-02-05T09:48:43.000Z"',
      ].map((time) => ['"r"', 'null', time]),
    );
  });

  it('has no value of the row before it, whose layout is too long to be learned', () => {
    const { country: _country, ...withoutCountry } = message;
    const long = { ...message, ['x'.repeat(2000)]: 1 };
    const texts = readOfRows([withoutCountry, withoutCountry, long, withoutCountry], (row) => row.text('country'));
    expect(texts).toEqual([null, null, 'AE', null]);
  });

  it('has only the properties of a message, in one order', () => {
    const [whole, empty] = listOf([message, { ...message, country: undefined, schedule_time: undefined }]).decoded();
    expect(Object.keys(whole ?? {})).toEqual(Object.keys(empty ?? {}));
    expect(empty).toStrictEqual({
      requestId: 'r',
      status: 'SENT',
      msgId: 'm1',
      country: null,
      recipient: '+971509752600',
      rawStatus: 'sent',
      numberOfViberMessage: 1,
      viberCost: 0.0004,
      scheduleTime: null,
    });
  });
});

describe('a list', () => {
  const ids = ['m1', 'm2', 'm3', 'm4'];
  const list = listOf(ids.map((id) => ({ ...message, msg_id: id })));
  const starts = () => {
    const found: number[] = [];
    for (const rows = list.rows(); rows.next(); ) found.push(rows.start);
    return found;
  };

  it('has its rows by the places where they begin, in any order', () => {
    const rows = list.rowsAt(Int32Array.from(starts().toReversed()));
    const found: string[] = [];
    while (rows.next()) found.push(rows.row.msgId());
    expect(found).toEqual(ids.toReversed());
    expect(rows.next()).toBe(false);
    expect(list.rowsAt(new Int32Array()).next()).toBe(false);
    expect(starts().map((start) => list.rowAt(start).msgId())).toEqual(ids);
    expect(starts().map((start) => list.decodedAt(start).msgId)).toEqual(ids);
  });

  it('has its bytes and their number', () => {
    const json = JSON.stringify(ids.map((id) => ({ ...message, msg_id: id })));
    expect([list.list.toString(), list.byteLength, list.count]).toEqual([json, json.length, 4]);
    expect([listOf([]).list.toString(), listOf([]).byteLength, listOf([]).rows().next()]).toEqual(['[]', 2, false]);
  });

  it.each([
    ['the same messages', [message], true],
    ['the same messages in another order of fields', [Object.fromEntries(Object.entries(message).toReversed())], true],
    ['another message', [{ ...message, msg_id: 'm2' }], false],
    ['one message more', [message, message], false],
    ['none', [], false],
  ])('compared with one of %s', (_what, messages, isEqual) => {
    expect(listOf([message]).equals(listOf(messages))).toBe(isEqual);
  });
});

it.each([
  [{}, true],
  [{ total_recipients: 2 }, false],
  [{ channel: 'sms' }, false],
  [{ messages: [] }, false],
])('a log is the same as one with %j: %s', (change, isSame) => {
  const [one, other] = [{}, change].map((more) => {
    const body = JSON.stringify({
      request_id: 'r',
      total_recipients: 1,
      channel: 'viber',
      messages: [message],
      ...more,
    });
    return decodeViberLog(Buffer.from(body), 'r', () => {});
  });
  expect(isSameLog(one as ViberLog, other as ViberLog)).toBe(isSame);
});
