/** Every failure: the code in the answer, the row in the README, and nothing that leaks. */
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { publicErrors } from '../src/graphql/errors.ts';
import { scenarios } from '../src/sandbox/scenarios.ts';
import { openBroken } from './broken-gateway.ts';
import { type House, oneLog, openHouse, type Reply } from './house.ts';
import { codesIn, documentAt, tableUnder } from './readme.ts';

const rows = tableUnder('Errors').map(([code = '', when, requestIds = '']) => ({
  code: codesIn(code)[0],
  when,
  requestIds: codesIn(requestIds),
}));
const failing = rows.flatMap(({ code, requestIds }) => requestIds.map((requestId) => ({ requestId, code })));

/** Short enough not to be waited for, long enough for a busy machine to answer whatever is answered. */
const settings = { OPERATION_TIMEOUT_SECONDS: '2', BREAKER_MIN_CALLS: '1000' };

function askFor(house: House, requestId: string): Promise<Reply> {
  return house.ask(oneLog, { variables: { requestId } });
}

describe('the README’s table of errors', () => {
  it.each(failing)('$requestId answers $code', async ({ requestId, code }) => {
    await using house = await openHouse({ settings });
    const { status, body } = await askFor(house, requestId);
    expect(status).toBe(200);
    expect(body).toMatchObject({ data: { viberLog: null }, errors: [{ path: ['viberLog'], extensions: { code } }] });
    expect(house.sandbox.callCount()).toBe(1);
  });

  it('has a row for each public code, and each row a scenario', () => {
    const refusals = tableUnder('Refusals', documentAt('.github/ERRORS.md')).map(([code = '']) => codesIn(code)[0]);
    const codes = new Set<string>(Object.values(publicErrors).map(({ code }) => code));
    // This one is Yoga's own.
    expect([...rows.map(({ code }) => code), ...refusals].toSorted()).toEqual(
      [...codes, 'REQUEST_ENTITY_TOO_LARGE'].toSorted(),
    );
    // No single id shows that a limit is reached: that is a hazard, and tested as one.
    const unshown = rows.filter(({ requestIds }) => requestIds.length === 0);
    expect(unshown.map(({ code }) => code)).toEqual([
      'OVERLOADED',
      'MAX_COMPUTED_ROWS_LIMIT',
      'MAX_RESPONSE_BYTES_LIMIT',
      'TOO_MANY_ERRORS',
      'MAX_SUBSCRIPTIONS_LIMIT',
    ]);
  });

  it('names every scenario that is answered with an error, and no other', async () => {
    await using house = await openHouse({ settings });
    const outcomes = await Promise.all(
      scenarios.map(async ({ name }) => ({ name, failed: 'errors' in (await askFor(house, name)).body })),
    );
    const failed = outcomes.filter((outcome) => outcome.failed).map(({ name }) => name);
    expect(failed.toSorted()).toEqual(failing.map(({ requestId }) => requestId).toSorted());
  });
});

describe('a failure', () => {
  it.each([
    ['error-429', 30, 30],
    ['error-429-date', 50, 60],
  ])('tells how long to wait where D7 tells it: %s', async (requestId, least, most) => {
    await using house = await openHouse();
    const { retryAfterSeconds } = (await askFor(house, requestId)).body.errors[0].extensions;
    expect(retryAfterSeconds).toBeGreaterThanOrEqual(least);
    expect(retryAfterSeconds).toBeLessThanOrEqual(most);
  });

  it('does not guess how long to wait where D7 does not tell it', async () => {
    await using house = await openHouse();
    expect((await askFor(house, 'error-429-bare')).body.errors[0].extensions).toEqual({ code: 'RATE_LIMITED' });
  });

  it('of the token is told for any token that is not D7’s own', async () => {
    await using house = await openHouse();
    const { body } = await house.ask(oneLog, {
      variables: { requestId: 'recipients-2' },
      authorization: 'Bearer other',
    });
    expect(body.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    expect(house.sandbox.callCount()).toBe(1);
  });

  it('of the connection is UPSTREAM_UNAVAILABLE', async () => {
    await using house = await openHouse({ settings: { D7_BASE_URL: await refusingOrigin() } });
    const { body } = await askFor(house, 'recipients-2');
    expect(body.errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE' } }]);
    expect(house.logged.map((line) => JSON.parse(line))).toMatchObject([
      { reason: 'ECONNREFUSED' },
      { msg: 'operation' },
    ]);
  });

  it('of what is no HTTP at all is UPSTREAM_BAD_RESPONSE', async () => {
    await using origin = await originThatSays('220 mail.example ESMTP\r\n');
    await using house = await openHouse({ settings: { D7_BASE_URL: origin.url } });
    const { body } = await askFor(house, 'recipients-2');
    expect(body.errors).toMatchObject([{ extensions: { code: 'UPSTREAM_BAD_RESPONSE' } }]);
  });

  it('is followed by good answers, whatever it was', async () => {
    await using house = await openHouse({
      settings: { ...settings, UPSTREAM_ATTEMPT_TIMEOUT_SECONDS: '0.5', UPSTREAM_CONNECTIONS: '1' },
    });
    for (const { requestId } of failing) {
      await askFor(house, requestId);
      const { body } = await askFor(house, `recipients-1-after-${requestId}`);
      expect(body.errors, `after ${requestId}`).toBeUndefined();
    }
  });

  it('leaks no token, recipient, upstream address, body or stack, to the caller or to the log', async () => {
    await using house = await openHouse({ settings });
    const replies = await Promise.all(failing.map(({ requestId }) => askFor(house, requestId)));
    const refused = await house.ask(oneLog, { variables: { requestId: 'x' }, authorization: 'Bearer secret other' });
    const answers = [...replies, refused].map(({ text }) => text).join('\n');
    const log = house.logged.join('\n');
    // Each operation and each failed attempt left its line: the search below does not pass because nothing was written.
    const lines = house.logged.map((line) => JSON.parse(line));
    expect(lines.filter(({ msg }) => msg === 'operation')).toHaveLength(failing.length + 1);
    expect(new Set(lines.filter(({ reason }) => reason).map(({ requestId }) => requestId)).size).toBe(failing.length);
    for (const leak of ['sandbox-token', 'secret', '+9715', new URL(house.sandbox.url).host, '127.0.0.1', 'a lot']) {
      expect(answers, 'in an answer').not.toContain(leak);
      expect(log, 'in the log').not.toContain(leak);
    }
    for (const written of [answers, log]) {
      expect(written).not.toMatch(/ {4}at |file:|node:|node_modules|\.ts\b|<h1>|teapot|somebody-elses-log|type_error/);
    }
  });
});

describe('a bug of ours', () => {
  it('is answered 500, without a word of it, where no field can tell it', async () => {
    await using broken = await openBroken('operation');
    const { url, logged } = broken;
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(url, { method: 'POST', headers, body: '{"query":"{ __typename }"}' });
    expect([answer.status, await answer.json()]).toEqual([
      500,
      { errors: [{ message: 'Unexpected error.', extensions: { code: 'INTERNAL_SERVER_ERROR' } }] },
    ]);
    expect(logged.map((line) => JSON.parse(line))).toMatchObject([{ name: 'TypeError', msg: 'unexpected error' }]);
    expect(logged.join()).not.toMatch(/secret| {4}at /);
  });

  it('is answered without a word of it, and logged by its name and place', async () => {
    await using broken = await openBroken('attempt');
    const { url, logged } = broken;
    const headers = { 'content-type': 'application/json', authorization: 'Bearer sandbox-token' };
    const body = JSON.stringify({ query: oneLog, variables: { requestId: 'recipients-1' } });
    // The first times the query is interpreted, then it is compiled.
    for (let time = 1; time <= 4; time += 1) {
      logged.length = 0;
      const answer = await (await fetch(url, { method: 'POST', headers, body })).json();
      expect(answer, `time ${time}`).toEqual({
        data: { viberLog: null },
        errors: [
          {
            message: 'Unexpected error.',
            path: ['viberLog'],
            locations: expect.anything(),
            extensions: { code: 'INTERNAL_SERVER_ERROR' },
          },
        ],
      });
      expect(logged.map((line) => JSON.parse(line))).toMatchObject([
        { name: 'TypeError', path: 'viberLog', msg: 'unexpected error' },
        { codes: ['INTERNAL_SERVER_ERROR'] },
      ]);
      expect(logged.join()).not.toMatch(/secret| {4}at /);
    }
    expect(logged.join()).not.toMatch(/secret| {4}at /);
  });
});

/** An origin of this machine where nobody listens: a port that was free a moment ago. */
async function refusingOrigin(): Promise<string> {
  const { url, [Symbol.asyncDispose]: close } = await originThatSays('');
  await close();
  return url;
}

async function originThatSays(words: string): Promise<AsyncDisposable & { url: string }> {
  const server = createServer((socket) => socket.resume().end(words));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: close };
}
