/** Every field of D7’s log with every odd value, through the front door: what the caller sees, and what the operator is notified of. */
import { describe, expect, it } from 'vitest';
import { decodeViberLog } from '../src/d7/log/decoder.ts';
import { seal, sealKeyOf, unseal } from '../src/viber-log/sealed-result.ts';
import { http, log, message, openFakeUpstream } from './fake-upstream.ts';
import { type House, oneLog, openHouse } from './house.ts';

/** As D7 may write a value. `missing` stands for no value and no name. */
const texts = [
  '""',
  '"a secret"',
  '"7"',
  '"007"',
  '" 7"',
  '"1.5"',
  '"-1"',
  '"1e3"',
  '"2147483648"',
  '"2024-02-05T09:48:42+0000"',
  '"2024-02-05T09:48:42+00"',
  '"2024-02-05T09:48:42"',
];
const numbers = ['7', '1.5', '-1', '1e3', '1e400', '2147483648', '12345678901234567890'];
const oddValues = ['missing', 'null', 'true', '[]', '{}', '["a"]', '{"a":{"b":[1]}}', ...texts, ...numbers];

/** `read` is what the caller gets; with `drift` the operator is notified. */
type Outcome = 'fails' | { read: unknown; drift: boolean };
const plain = (read: unknown): Outcome => ({ read, drift: false });
const drift = (read: unknown): Outcome => ({ read, drift: true });

type Outcomes = { isOf: 'log' | 'message'; field: string; otherwise: Outcome; except: Record<string, Outcome> };

const textsAsTheyAre = Object.fromEntries(texts.map((text) => [text, plain(JSON.parse(text))]));
const none = { missing: plain(null), null: plain(null) };
const digits = {
  7: drift('7'),
  '1e3': drift('1000'),
  2147483648: drift('2147483648'),
  '12345678901234567890': drift('12345678901234567890'),
};
const counts = { 7: plain(7), '1e3': plain(1000), '"7"': drift(7) };
const time = plain('2024-02-05T09:48:42.000Z');

const outcomes: Record<string, Outcomes> = {
  request_id: { isOf: 'log', field: 'requestId', otherwise: 'fails', except: {} },
  total_recipients: { isOf: 'log', field: 'totalRecipients', otherwise: drift(null), except: counts },
  channel: { isOf: 'log', field: 'channel', otherwise: drift(null), except: textsAsTheyAre },
  messages: { isOf: 'log', field: 'messages', otherwise: 'fails', except: { '[]': plain([]) } },
  msg_id: { isOf: 'message', field: 'msgId', otherwise: 'fails', except: { ...textsAsTheyAre, ...digits } },
  country: { isOf: 'message', field: 'country', otherwise: drift(null), except: { ...textsAsTheyAre, ...none } },
  recipient: { isOf: 'message', field: 'recipient', otherwise: drift(null), except: { ...textsAsTheyAre, ...digits } },
  status: { isOf: 'message', field: 'rawStatus', otherwise: drift(null), except: textsAsTheyAre },
  number_of_viber_message: {
    isOf: 'message',
    field: 'numberOfViberMessage',
    otherwise: drift(null),
    except: counts,
  },
  viber_cost: {
    isOf: 'message',
    field: 'viberCost',
    otherwise: drift(null),
    except: {
      7: plain(7),
      '1.5': plain(1.5),
      '-1': plain(-1),
      '1e3': plain(1000),
      2147483648: plain(2147483648),
      '12345678901234567890': plain(12345678901234567000),
      '"7"': drift(7),
      '"1.5"': drift(1.5),
      '"-1"': drift(-1),
      '"2147483648"': drift(2147483648),
    },
  },
  schedule_time: {
    isOf: 'message',
    field: 'scheduleTime',
    otherwise: drift(null),
    except: { ...none, '"2024-02-05T09:48:42+0000"': time, '"2024-02-05T09:48:42+00"': time },
  },
};

/** The first is canonical, unless the value is not. The slow path reads the last two. */
const ways: Record<string, (body: string) => string> = {
  'as D7 writes it': (body) => body,
  'with spaces': (body) => body.replaceAll('":', '" : ').replaceAll(',"', ' , "'),
  'with an object under another name': (body) => `{"more":{},${body.slice(1)}`,
  'with ids that occur twice': (body) => body.replaceAll(/"(request_id|msg_id)":/g, '"$1":{},"$1":'),
};

function objectOf(members: Record<string, string>, name: string, value: string): string {
  const all = Object.entries({ ...members, [name]: value }).filter(([, written]) => written !== 'missing');
  return `{${all.map(([key, written]) => `"${key}":${written}`).join(',')}}`;
}

function bodyOf(requestId: string, name: string, value: string): string {
  const members = Object.fromEntries(Object.entries(message).map(([key, one]) => [key, JSON.stringify(one)]));
  const isOfMessage = outcomes[name]?.isOf === 'message';
  const odd = isOfMessage ? objectOf(members, name, value) : objectOf(members, 'msg_id', '"m1"');
  const messages = `[${odd},${JSON.stringify(message)}]`;
  const log = { request_id: JSON.stringify(requestId), total_recipients: '2', channel: '"viber"', messages };
  return isOfMessage ? objectOf(log, 'channel', '"viber"') : objectOf(log, name, value);
}

function expectedOf(requestId: string, { isOf, field }: Outcomes, read: unknown): object {
  const usual = {
    requestId,
    msgId: 'm1',
    country: 'AE',
    recipient: '+971509752600',
    status: 'SENT',
    rawStatus: 'sent',
    numberOfViberMessage: 1,
    viberCost: 0.0004,
    scheduleTime: null,
  };
  const change = field === 'rawStatus' ? { status: 'UNKNOWN', rawStatus: read } : { [field]: read };
  const messages = [isOf === 'message' ? { ...usual, ...change } : usual, usual];
  const log = { __typename: 'ViberLog', requestId, totalRecipients: 2, channel: 'viber', messages };
  return { data: { viberLog: { ...log, fetchedAt: expect.any(String), ...(isOf === 'log' ? change : {}) } } };
}

const withoutTheField =
  'query ($requestId: ID!) { viberLog(requestId: $requestId) { ... on ViberLog { fetchedAt __typename } } }';

/** The path and the number of each report about the log. */
function reportsOn({ logged }: House, requestId: string): unknown[] {
  return logged
    .map((line) => JSON.parse(line))
    .filter((line) => line.requestId === requestId && line.msg.startsWith('schema drift'))
    .map(({ path, count }) => [path, count]);
}

/** Polls are so rare that only the first event can arrive in time. */
const settings = { BREAKER_MIN_CALLS: '1000', LIVE_MIN_INTERVAL_SECONDS: '60', LIVE_MAX_INTERVAL_SECONDS: '60' };

async function openHouseWith(name: string, write: (body: string) => string) {
  const fake = await openFakeUpstream((id) => {
    const value = oddValues[Number(id.split('-')[1])] as string;
    return http('200 OK', write(bodyOf(id, name, value)));
  });
  const house = await openHouse({ settings: { D7_BASE_URL: fake.url, ...settings } });
  const close = async () => {
    await fake[Symbol.asyncDispose]();
    await house[Symbol.asyncDispose]();
  };
  return { house, [Symbol.asyncDispose]: close };
}

async function firstEventOf(house: House, requestId: string): Promise<unknown> {
  const events = house.follow(requestId);
  const { value } = await events.next();
  await events.return?.();
  return value;
}

it('A log with null in its fields is the same after it was in Redis', () => {
  const nulls = { recipient: null, status: null, number_of_viber_message: null, viber_cost: null };
  const messages = [{ ...message, ...nulls }];
  const body = JSON.stringify({ request_id: 'r1', total_recipients: null, channel: null, messages });
  const log = decodeViberLog(Buffer.from(body), 'r1', () => {});
  const result = { kind: 'log', log, fetchedAt: new Date(0), bodyBytes: body.length } as const;
  const key = sealKeyOf('token', 'secret');
  const read = unseal(seal(result, key, 'name'), key, 'name');
  expect(read).toMatchObject({ kind: 'log', log: { requestId: 'r1', totalRecipients: null, channel: null } });
  expect(read?.kind === 'log' && read.log.messages.decoded()).toEqual(log.messages.decoded());
});

it('A log that is followed is reported once for each field, and not with each poll', async () => {
  const odd = { ...message, viber_cost: null, number_of_viber_message: '1' };
  let polls = 0;
  // Each poll has one odd message more than the one before: the number of deviations does not make another report.
  await using fake = await openFakeUpstream((id) => {
    polls += 1;
    return http(
      '200 OK',
      log(
        id,
        [...Array(polls).keys()].map((index) => ({ ...odd, msg_id: `m${index}` })),
      ),
    );
  });
  await using house = await openHouse({ settings: { D7_BASE_URL: fake.url, LIVE_MIN_INTERVAL_SECONDS: '0.05' } });
  const events = house.follow('followed');
  for (let count = 0; count < 5; count += 1) await events.next();
  await events.return?.();
  expect(reportsOn(house, 'followed')).toEqual([
    ['messages[].number_of_viber_message', 1],
    ['messages[].viber_cost', 1],
  ]);
  // Another log is another report.
  await house.ask(oneLog, { variables: { requestId: 'another' } });
  expect(reportsOn(house, 'another')).toHaveLength(2);
});

const cases = Object.keys(outcomes).flatMap((name) => Object.keys(ways).map((way) => [name, way] as const));

describe.each(cases)('an odd %s in a log written %s', (name, way) => {
  const field = outcomes[name] as Outcomes;
  const write = ways[way] as (body: string) => string;
  const outcomeOf = (value: string): Outcome =>
    Object.hasOwn(field.except, value) ? (field.except[value] as Outcome) : field.otherwise;
  const path = field.isOf === 'log' ? name : `messages[].${name}`;

  it('fails alone, or with the log if it identifies something', async () => {
    await using open = await openHouseWith(name, write);
    for (const [index, value] of oddValues.entries()) {
      const outcome = outcomeOf(value);
      const requestId = `all-${index}`;
      const { body } = await open.house.ask(oneLog, { variables: { requestId } });
      const isDrift = outcome !== 'fails' && outcome.drift;
      if (outcome === 'fails') {
        expect(body, value).toMatchObject({ errors: [{ extensions: { code: 'UPSTREAM_BAD_RESPONSE' } }] });
      } else expect(body, value).toEqual(expectedOf(requestId, field, outcome.read));
      expect(reportsOn(open.house, requestId), value).toEqual(isDrift ? [[path, 1]] : []);
    }
    expect(open.house.logged.join()).not.toContain('a secret');
  });

  it('does not change a query without the field', async () => {
    await using open = await openHouseWith(name, write);
    for (const [index, value] of oddValues.entries()) {
      const { body } = await open.house.ask(withoutTheField, { variables: { requestId: `none-${index}` } });
      if (outcomeOf(value) === 'fails') expect(body.data, value).toEqual({ viberLog: null });
      else expect(body, value).toEqual({ data: { viberLog: expect.objectContaining({ __typename: 'ViberLog' }) } });
    }
  });

  it('reaches a subscriber with the first event', async () => {
    await using open = await openHouseWith(name, write);
    for (const [index, value] of oddValues.entries()) {
      const outcome = outcomeOf(value);
      if (outcome === 'fails') continue;
      const requestId = `live-${index}`;
      expect(await firstEventOf(open.house, requestId), value).toEqual(expectedOf(requestId, field, outcome.read));
    }
  });
});
