/** However D7 writes its JSON, what is read of it is what JSON.parse reads; and what it writes plainly is read without. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeFault } from '../src/d7/log/decode-fault.ts';
import { decodeViberLog } from '../src/d7/log/decoder.ts';
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

/** By JSON.parse, as the decoder once did it; null where it is none. */
// biome-ignore lint/suspicious/noExplicitAny: it is any JSON
function expectedOf(text: string): any {
  const log = JSON.parse(text);
  const isCount = (value: unknown) =>
    typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 2 ** 31;
  const isText = (value: unknown) => typeof value === 'string';
  const isMissing = (value: unknown) => value === undefined || value === null;
  if (log.request_id !== 'r1' || !isCount(log.total_recipients) || !isText(log.channel)) return null;
  if (!Array.isArray(log.messages)) return null;
  const messages = [];
  for (const one of log.messages) {
    const parts = one.number_of_viber_message ?? one.number_of_sms ?? one.number_of_viber_message;
    const texts = [one.msg_id, one.recipient, one.status];
    const optional = [one.country, one.schedule_time].filter((value) => !isMissing(value));
    if (![...texts, ...optional].every(isText) || !isCount(parts) || !Number.isFinite(one.viber_cost)) return null;
    messages.push({
      requestId: 'r1',
      msgId: one.msg_id,
      country: one.country ?? null,
      recipient: one.recipient,
      status: statusOf(one.status),
      rawStatus: one.status,
      numberOfViberMessage: parts,
      viberCost: one.viber_cost,
      scheduleTime: isMissing(one.schedule_time) ? null : parseTimestamp(one.schedule_time),
    });
  }
  return { requestId: 'r1', totalRecipients: log.total_recipients, channel: log.channel, messages };
}

function expectReadAsParsed(text: string): void {
  let read: ViberLog | null = null;
  try {
    read = decodeViberLog(Buffer.from(text), 'r1', () => {});
  } catch (error) {
    if (!(error instanceof DecodeFault)) throw error;
  }
  const expected = expectedOf(text);
  if (read === null || expected === null) return void expect(read).toBe(expected);
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
    'soon',
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

const aMessage = objectOf(
  {
    msg_id: string,
    country: fc.oneof(string, fc.constant('null')),
    recipient: string,
    status: string,
    number_of_viber_message: fc.oneof({ weight: 9, arbitrary: fc.nat().map(String) }, number),
    viber_cost: number,
    schedule_time: fc.oneof(string, fc.constant('null')),
  },
  anything,
);
const aLog = objectOf(
  {
    request_id: fc.constant('"r1"'),
    total_recipients: fc.nat().map(String),
    channel: string,
    messages: fc
      .tuple(fc.array(aMessage, { maxLength: 3 }), space)
      .map(([all, gap]) => `[${gap}${all.join(`${gap},`)}]`),
  },
  anything,
);

/** `RANDOM_BODIES=200000` runs more of them. */
const bodies = Number(process.env.RANDOM_BODIES ?? 5000);

describe('a log', () => {
  it(
    'however it is written, is read as JSON.parse reads it',
    () => {
      fc.assert(fc.property(aLog, expectReadAsParsed), { numRuns: bodies });
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
    [
      'with times',
      JSON.stringify({ ...logOf('r1', 1), messages: [{ ...message, schedule_time: '2024-02-05T09:48:42+0000' }] }),
    ],
  ])('%s, is read without making objects of it', (_how, body) => {
    expect(scanViberLog(Buffer.from(body), 'r1', () => {})).not.toBeNull();
    expectReadAsParsed(body);
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
