/** Whose token goes where: no caller ever reads with, or sees, another's. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { http, log, openFakeUpstream } from './fake-upstream.ts';
import { oneLog, openHouse } from './house.ts';

const accountOf = `query Account($requestId: ID!) { viberLog(requestId: $requestId) { ... on ViberLog { channel } } }`;

describe('the caller’s token', () => {
  it('goes upstream for its own caller only, when two ask for the same id at the same time', async () => {
    const tokens = ['token-of-anna', 'token-of-bert'];
    await using house = await openHouse({ sandbox: { tokens } });
    const asked = tokens.map((token) =>
      house.ask(accountOf, { variables: { requestId: 'account' }, authorization: `Bearer ${token}` }),
    );
    const channels = (await Promise.all(asked)).map(({ body }) => body.data.viberLog.channel);
    expect(channels).toEqual(['viber-account-0', 'viber-account-1']);
    expect(house.sandbox.calls.map(({ authorization }) => authorization).sort()).toEqual([
      'Bearer token-of-anna',
      'Bearer token-of-bert',
    ]);
  });

  it('stays with its caller when fifty of them ask together', async () => {
    const tokens = Array.from({ length: 50 }, (_, index) => `token-${index}`);
    await using house = await openHouse({ sandbox: { tokens } });
    const replies = await Promise.all(
      tokens.map((token) =>
        house.ask(accountOf, { variables: { requestId: 'account' }, authorization: `Bearer ${token}` }),
      ),
    );
    expect(replies.map(({ body }) => body.data.viberLog.channel)).toEqual(
      tokens.map((_, index) => `viber-account-${index}`),
    );
    expect(house.sandbox.callCount()).toBe(50);
  });

  it('is all of the caller’s headers that goes upstream', async () => {
    await using house = await openHouse();
    await fetch(house.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: 'bearer   sandbox-token',
        cookie: 'session=secret',
        'x-forwarded-for': '192.0.2.1',
        'user-agent': 'a browser',
        'x-request-id': 'call-7',
      },
      body: JSON.stringify({ query: oneLog, variables: { requestId: 'recipients-1' } }),
    });
    const [call] = house.sandbox.calls;
    expect(call?.rawHeaders).toEqual([
      'host',
      new URL(house.sandbox.url).host,
      'connection',
      'keep-alive',
      'authorization',
      'Bearer sandbox-token',
      'accept',
      'application/json',
      'accept-encoding',
      'identity',
      'x-request-id',
      'call-7',
    ]);
  });

  it.each([
    ['no header', null, 'is needed'],
    ['an empty header', '', 'is needed'],
    ['another scheme', 'Basic c2FuZGJveDp0b2tlbg==', 'malformed'],
    ['the scheme alone', 'Bearer', 'malformed'],
    ['no scheme', 'sandbox-token', 'malformed'],
    ['two tokens', 'Bearer sandbox-token other-token', 'malformed'],
    ['two headers joined', 'Bearer sandbox-token, Bearer sandbox-token', 'malformed'],
    ['characters that no token has', 'Bearer sandbox"token', 'malformed'],
    ['letters beyond ASCII', 'Bearer sandbox-tokén', 'malformed'],
  ])('is asked for when there is %s, and D7 is not', async (_what, authorization, words) => {
    await using house = await openHouse();
    const { status, body } = await house.ask(oneLog, { variables: { requestId: 'recipients-1' }, authorization });
    expect(status).toBe(200);
    expect(body).toMatchObject({ data: { viberLog: null }, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    expect(body.errors[0].message).toContain(words);
    expect(house.sandbox.callCount()).toBe(0);
  });

  it('is not needed to read the schema', async () => {
    await using house = await openHouse();
    const { body } = await house.ask('{ __type(name: "ViberLog") { name } }', { authorization: null });
    expect(body).toEqual({ data: { __type: { name: 'ViberLog' } } });
  });
});

describe('the request id', () => {
  it.each(['', ' ', '..', '.', 'a/b', 'a%2Fb', 'a?b', 'a#b', 'a b', 'ä', 'a\u0000', '\u202e', 'x'.repeat(129)])(
    'is refused without asking D7: %j',
    async (requestId) => {
      await using house = await openHouse();
      const { body } = await house.ask(oneLog, { variables: { requestId } });
      expect(body).toMatchObject({ data: { viberLog: null }, errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
      expect(house.sandbox.callCount()).toBe(0);
    },
  );

  it.each(['x', 'x'.repeat(128), '_-Az09', '  spaces-around  '])(
    'reaches D7 as it is, spaces around it aside: %j',
    async (id) => {
      await using house = await openHouse();
      await house.ask(oneLog, { variables: { requestId: id } });
      expect(house.sandbox.calls.map(({ requestId }) => requestId)).toEqual([id.trim()]);
    },
  );

  it('never reaches another path of D7, whatever it is', async () => {
    await using fake = await openFakeUpstream((id) => http('200 OK', log(id)));
    await using house = await openHouse({ settings: { D7_BASE_URL: fake.url } });
    const hostile = fc.constantFrom('..', '../', '/', '%2e', '?', '#', '@', ':', '\\', '\r\n', ' ', '\0', 'a', '-');
    const anyId = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(hostile).map((parts) => parts.join('')),
    );
    await fc.assert(
      fc.asyncProperty(anyId, async (requestId) => {
        const { body } = await house.ask(oneLog, { variables: { requestId } });
        const isPlain = /^[A-Za-z0-9_-]{1,128}$/.test(requestId.trim());
        expect(body.data.viberLog?.requestId).toBe(isPlain ? requestId.trim() : undefined);
      }),
      { numRuns: 300 },
    );
    expect(fake.lines.length).toBeGreaterThan(0);
    expect(fake.lines.filter((line) => !/^GET \/report\/v1\/viber-log\/[\w-]{1,128} HTTP\/1\.1$/.test(line))).toEqual(
      [],
    );
  });
});
