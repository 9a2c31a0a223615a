/** However D7 writes its JSON, what is read of it is what JSON.parse reads; and what it writes plainly is read without. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeFault } from '../src/d7/log/decode-fault.ts';
import { decodeViberLog } from '../src/d7/log/decoder.ts';
import { DriftCounts, type SchemaDrift } from '../src/d7/log/drift-counts.ts';
import { scanViberLog, type ViberLog } from '../src/d7/log/log-scanner.ts';
import { columns } from '../src/d7/log/message-row.ts';
import { statusOf } from '../src/d7/log/status.ts';
import { parseTimestamp } from '../src/d7/log/timestamp.ts';
import { JsonWriter } from '../src/graphql/response/json-writer.ts';
import { logOf } from '../src/sandbox/logs.ts';
import { message } from './fake-upstream.ts';

/** What an answer is written of. */
function rowsIn({ messages }: ViberLog): unknown[] {
  const out = new JsonWriter();
  const rows: unknown[] = [];
  const prefixes = Object.keys(columns).map((name, index) => Buffer.from(`${index === 0 ? '{' : ','}"${name}":`));
  messages.walk((row) => {
    out.begin();
    out.row(row, prefixes, Object.values(columns));
    out.text('}');
    rows.push(JSON.parse(Buffer.from(out.take() as string, 'latin1').toString()));
  });
  return rows;
}

const asAnswered = (value: unknown) => JSON.parse(JSON.stringify(value));

/** A number with the text it was written as, since an id may have more digits than a number holds. */
class Written {
  readonly value: number;
  readonly text: string;

  constructor(value: number, text: string) {
    this.value = value;
    this.text = text;
  }
}

function parsedOf(body: string): unknown {
  const keepText = (_name: string, value: unknown, { source }: { source: string }) =>
    typeof value === 'number' ? new Written(value, source) : value;
  return JSON.parse(body.replace(/^\uFEFF/, ''), keepText as never);
}

/** What a field is, and whether the operator is notified of it. */
type Reading = [value: unknown, isDrift: boolean];
const drift: Reading = [null, true];
const isMissing = (value: unknown) => value === undefined || value === null;

function textOf(value: unknown): Reading {
  return typeof value === 'string' ? [value, false] : drift;
}

function idOf(value: unknown): Reading {
  if (!(value instanceof Written) || value.value < 0 || !Number.isInteger(value.value)) return textOf(value);
  if (Number.isSafeInteger(value.value)) return [String(value.value), true];
  return /^[0-9]+$/.test(value.text) ? [value.text, true] : drift;
}

function countOf(value: unknown): Reading {
  const isCount = (one: number) => Number.isInteger(one) && one >= 0 && one < 2 ** 31;
  if (value instanceof Written) return isCount(value.value) ? [value.value, false] : drift;
  const isPlain = typeof value === 'string' && /^[0-9]+$/.test(value) && String(BigInt(value)) === value;
  return isPlain && isCount(Number(value)) ? [Number(value), true] : drift;
}

function costOf(value: unknown): Reading {
  if (value instanceof Written) return Number.isFinite(value.value) ? [value.value, false] : drift;
  const isPlain = typeof value === 'string' && /^[-.0-9]+$/.test(value) && isJson(value);
  return isPlain && Number.isFinite(Number(value)) ? [Number(value), true] : drift;
}

function timeOf(value: unknown): Reading {
  if (isMissing(value)) return [null, false];
  const time = typeof value === 'string' ? parseTimestamp(value) : null;
  return time ? [time, false] : drift;
}

// biome-ignore lint/suspicious/noExplicitAny: it is any JSON
function messageOf(one: any): Record<string, Reading> {
  return {
    msg_id: idOf(one.msg_id),
    country: isMissing(one.country) ? [null, false] : textOf(one.country),
    recipient: idOf(one.recipient),
    status: textOf(one.status),
    number_of_viber_message: countOf(one.number_of_viber_message ?? one.number_of_sms),
    viber_cost: costOf(one.viber_cost),
    schedule_time: timeOf(one.schedule_time),
  };
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Naively, by JSON.parse; null where it is no log. */
function expectedOf(body: string) {
  // biome-ignore lint/suspicious/noExplicitAny: it is any JSON
  const log: any = parsedOf(body);
  if (!isObject(log) || typeof log.request_id !== 'string' || !/^r1$/i.test(log.request_id)) return null;
  if (!Array.isArray(log.messages)) return null;
  if (!log.messages.every((one: unknown) => isObject(one) && !(one instanceof Written))) return null;
  const rows: Record<string, Reading>[] = log.messages.map(messageOf);
  if (rows.some(({ msg_id }) => msg_id?.[0] === null)) return null;

  const head: Record<string, Reading> = {
    total_recipients: countOf(log.total_recipients),
    channel: textOf(log.channel),
  };
  const reports: Record<string, number> = {};
  const note = (path: string, [, isDrift]: Reading) => {
    if (isDrift) reports[path] = (reports[path] ?? 0) + 1;
  };
  for (const [name, reading] of Object.entries(head)) note(name, reading);
  for (const row of rows) for (const [name, reading] of Object.entries(row)) note(`messages[].${name}`, reading);
  const messages = rows.map((row) => ({
    requestId: 'r1',
    msgId: row.msg_id?.[0],
    country: row.country?.[0],
    recipient: row.recipient?.[0],
    status: row.status?.[0] === null ? 'UNKNOWN' : statusOf(row.status?.[0] as string),
    rawStatus: row.status?.[0],
    numberOfViberMessage: row.number_of_viber_message?.[0],
    viberCost: row.viber_cost?.[0],
    scheduleTime: row.schedule_time?.[0],
  }));
  const [totalRecipients, channel] = [head.total_recipients?.[0], head.channel?.[0]];
  return { log: { requestId: 'r1', totalRecipients, channel, messages }, reports };
}

function expectReadAsParsed(text: string): void {
  let read: ViberLog | null = null;
  const reported: SchemaDrift[] = [];
  try {
    read = decodeViberLog(Buffer.from(text), 'r1', (one) => reported.push(one));
  } catch (error) {
    if (!(error instanceof DecodeFault)) throw error;
  }
  const whole = expectedOf(text);
  if (read === null || whole === null) return void expect(read).toBe(whole);
  const { log: expected, reports } = whole;
  expect(Object.fromEntries(reported.map(({ path, count }) => [path, count]))).toEqual(reports);
  expect(reported).toHaveLength(Object.keys(reports).length);
  const { messages, ...log } = read;
  expect(asAnswered({ ...log, messages: messages.decoded() })).toEqual(asAnswered(expected));
  expect(rowsIn(read)).toEqual(asAnswered(expected.messages));
  const isFinal = ({ status }: { status: string }) => status === 'DELIVERED' || status === 'UNDELIVERED';
  expect([messages.count, messages.areFinal]).toEqual([expected.messages.length, expected.messages.every(isFinal)]);
}

const escaped = (text: string) =>
  `"${[...text].map((char) => (char.length > 1 ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)).join('')}"`;
const space = fc.constantFrom('', '', '', ' ', '\n', '\t ', '\r\n');
const text = fc.oneof(
  fc.constantFrom(
    '',
    'AE',
    'sent',
    'delivered',
    'UN_DELIVERED',
    '2024-02-05T09:48:42+0000',
    '2024-02-05T09:48:42+00',
    'soon',
    '2',
    '02',
    '0.0004',
    '0.00040',
    '-0.5',
    '1.',
    '4e-4',
    '2147483648',
    '12345678901234567890',
    'é',
    '😀',
    '"\\/\n',
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const string = fc.tuple(text, fc.boolean()).map(([value, isOdd]) => (isOdd ? escaped(value) : JSON.stringify(value)));
const number = fc.oneof(
  fc.constantFrom(
    '0',
    '-0',
    '1',
    '1.0',
    '1e0',
    '2147483647',
    '2147483648',
    '0.0004',
    '4e-4',
    '0.00040',
    '4E-7',
    '4e-7',
  ),
  fc.constantFrom('0.000001', '0.0000001', '0.30000000000000004', '1e21', '1e400', '-1', '123456789012345678', '0.1e1'),
  fc.nat().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
);
const scalar = fc.oneof(string, number, fc.constantFrom('null', 'true', 'false'));
const anything = fc.oneof({ weight: 9, arbitrary: scalar }, fc.constantFrom('{}', '[]', '{"a":[1]}'));
const nameOf = (name: string) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(JSON.stringify(name)) }, fc.constant(escaped(name)));

/** An object as text: its members in any order, some of them twice or missing, others among them, spaces between. */
function objectOf(members: Record<string, fc.Arbitrary<string>>, spoiled: fc.Arbitrary<string>) {
  const fields = Object.entries(members).map(([name, value]) => {
    const written = fc.oneof({ weight: 30, arbitrary: value }, spoiled);
    return fc
      .tuple(nameOf(name), space, space, written, space)
      .map(([key, a, b, one, c]) => `${key}${a}:${b}${one}${c}`);
  });
  const others = fc.array(fc.tuple(fc.constantFrom('"x"', '"__proto__"', '"number_of_sms"'), anything), {
    maxLength: 1,
  });
  return fc
    .tuple(fc.tuple(...fields), others, fc.array(fc.oneof(...fields), { maxLength: 1 }), fc.boolean(), fc.nat())
    .map(([written, more, again, isMissing, seed]) => {
      const all = [...written, ...more.map(([key, value]) => `${key}:${value}`), ...again];
      const start = seed % all.length;
      const turned = [...all.slice(start), ...all.slice(0, start)];
      return `{${turned.slice(isMissing && seed % 5 === 0 ? 1 : 0).join(',')}}`;
    });
}

/** Nine times in ten the first. */
const often = <Value>(usual: fc.Arbitrary<Value>, ...others: fc.Arbitrary<Value>[]) =>
  fc.oneof({ weight: others.length * 9, arbitrary: usual }, ...others);

const aMessage = objectOf(
  {
    msg_id: often(string, fc.nat().map(String)),
    country: fc.oneof(string, fc.constant('null')),
    recipient: often(string, number, fc.constant('null')),
    status: often(string, fc.constant('null')),
    number_of_viber_message: often(fc.nat().map(String), number, string, fc.constant('null')),
    viber_cost: often(number, string, fc.constant('null')),
    schedule_time: fc.oneof(string, fc.constant('null')),
  },
  anything,
);
const aLog = objectOf(
  {
    request_id: often(fc.constant('"r1"'), fc.constant('"R1"')),
    total_recipients: often(fc.nat().map(String), string, fc.constant('null')),
    channel: often(string, fc.constant('null')),
    messages: fc
      .tuple(fc.array(aMessage, { maxLength: 3 }), space)
      .map(([all, gap]) => `[${gap}${all.join(`${gap},`)}]`),
  },
  anything,
);

/** `RANDOM_BODIES=200000` runs more of them. */
const bodies = Number(process.env.RANDOM_BODIES ?? 5000);

describe('a log', () => {
  it.each([
    ['0.0004', '0.0004'],
    ['0.00040', '0.0004'],
    ['4e-4', '0.0004'],
    ['0.0000004', '4e-7'],
    ['1.0', '1'],
    ['-0', '0'],
    ['12345678901234567890', '12345678901234567000'],
  ])('that writes a cost as %s is answered with %s, as JavaScript writes it', (written, answered) => {
    const body = JSON.stringify({ request_id: 'r1', total_recipients: 1, channel: 'viber', messages: [message] });
    const log = decodeViberLog(Buffer.from(body.replace('0.0004', written)), 'r1', () => {});
    const out = new JsonWriter();
    log.messages.walk((row) => out.row(row, [Buffer.from('')], [columns.viberCost]));
    expect(out.take()).toBe(answered);
  });

  it.each([
    ['as the sandbox writes it', JSON.stringify(logOf('r1', 20))],
    ['with spaces', JSON.stringify(logOf('r1', 20), null, 2)],
    ['with letters of all languages', JSON.stringify({ ...logOf('r1', 2), channel: 'é😀' })],
    ['with another field', JSON.stringify({ next: null, ...logOf('r1', 2) })],
    ['without messages', JSON.stringify(logOf('r1', 0))],
    ['with its id in upper case', JSON.stringify({ ...logOf('r1', 1), request_id: 'R1' })],
    [
      'with null in place of a total and a channel',
      JSON.stringify({ ...logOf('r1', 1), total_recipients: null, channel: null }),
    ],
    [
      'with null in place of values of messages',
      JSON.stringify({
        ...logOf('r1', 2),
        messages: [
          message,
          { ...message, recipient: null, status: null, number_of_viber_message: null, viber_cost: null },
          { ...message, viber_cost: null },
        ],
      }),
    ],
    [
      'with times',
      JSON.stringify({ ...logOf('r1', 1), messages: [{ ...message, schedule_time: '2024-02-05T09:48:42+0000' }] }),
    ],
  ])('%s, is read without making objects of it', (_how, body) => {
    expect(scanViberLog(Buffer.from(body), 'r1', new DriftCounts())).not.toBeNull();
    expectReadAsParsed(body);
  });

  it(
    'however it is written, is read as JSON.parse reads it',
    () => {
      const written = fc.tuple(often(fc.constant(''), fc.constant('\uFEFF')), aLog).map((parts) => parts.join(''));
      fc.assert(fc.property(written, expectReadAsParsed), { numRuns: bodies });
    },
    30_000 + bodies * 5,
  );

  it('cut off or spoilt at any place, is refused as JSON.parse refuses it', () => {
    const whole = JSON.stringify({ request_id: 'r1', total_recipients: 1, channel: 'viber', messages: [message] });
    const spoiltAt = (at: number, byte: string) => whole.slice(0, at) + byte + whole.slice(at + 1);
    for (let at = 0; at < whole.length; at += 1) {
      for (const spoilt of [
        whole.slice(0, at),
        whole.slice(0, at) + whole,
        whole + whole.slice(at),
        ...['"', '\\', '{', ']', ',', ':', ' ', '0', '\u0001'].map((byte) => spoiltAt(at, byte)),
      ]) {
        if (isJson(spoilt)) expectReadAsParsed(spoilt);
        else expect(() => decodeViberLog(Buffer.from(spoilt), 'r1', () => {}), spoilt).toThrow(DecodeFault);
      }
    }
  });
});

it('a row refuses to be read once another one was', () => {
  const { messages } = decodeViberLog(Buffer.from(JSON.stringify(logOf('r1', 2))), 'r1', () => {});
  const [one, other] = [messages.rows(), messages.rows()];
  one.next();
  const msgId = one.row.msgId();
  other.next();
  expect(() => one.row.msgId()).toThrow('Another row was read');
  expect(other.row.msgId()).toBe(msgId);
});

function isJson(body: string): boolean {
  try {
    JSON.parse(body);
    return true;
  } catch {
    return false;
  }
}
