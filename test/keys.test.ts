/** What identifies a caller, a log and a cached result: keys that are equal only where all of that is. */
import { describe, expect, it } from 'vitest';
import { bearerTokenIn, tokenFaultIn } from '../src/graphql/bearer-token.ts';
import { parseRequestId, requestIdIn } from '../src/graphql/request-id.ts';
import { callerKeyOf, randomSecret } from '../src/viber-log/caller-key.ts';
import { redisNameOf } from '../src/viber-log/redis-names.ts';

describe('the token in the headers Authorization', () => {
  it.each([
    [['Bearer a'], 'a'],
    [['bEARER   a'], 'a'],
    [['Bearer aB9._~+/-=='], 'aB9._~+/-=='],
  ])('%j is %s', (headers, token) => expect(bearerTokenIn(headers)).toBe(token));

  it.each([
    [[], 'is needed'],
    [[''], 'is needed'],
    [[' \t '], 'is needed'],
    [['', ''], 'is malformed'],
    [['Bearer a', 'Bearer a'], 'is malformed'],
    [['', 'Bearer a'], 'is malformed'],
    [['Bearer'], 'is malformed'],
    [['Bearer '], 'is malformed'],
    [['Bearera'], 'is malformed'],
    [['Basic Bearer a'], 'is malformed'],
    [['Bearer a b'], 'is malformed'],
    [['Bearer a,b'], 'is malformed'],
    [['Bearer =a'], 'is malformed'],
    [['Bearer a\n'], 'is malformed'],
  ])('%j is none: it %s', (headers, fault) => {
    expect(bearerTokenIn(headers)).toBeUndefined();
    expect(tokenFaultIn(headers)).toMatchObject({
      message: expect.stringContaining(fault),
      extensions: { code: 'UNAUTHENTICATED' },
    });
  });
});

describe('a request id', () => {
  const longest = 'a'.repeat(128);
  it.each([
    ['aZ09_-', 'aZ09_-'],
    [' a\n', 'a'],
    [longest, longest],
  ])('%j is %s', (input, requestId) => expect(parseRequestId(input)).toBe(requestId));

  it.each(['', ' ', `${longest}a`, '..', 'a/b', 'a b', 'a%2f', '?a', 'a?', 'ä'])('is not %j', (input) => {
    expect(requestIdIn(input)).toBeNull();
    expect(() => parseRequestId(input)).toThrow('A request id must have');
  });
});

describe('the key of a caller', () => {
  it('is the same text for the same token and secret only', () => {
    const keys = [callerKeyOf('a', 's'), callerKeyOf('b', 's'), callerKeyOf('a', 't'), callerKeyOf('as', '')];
    expect(callerKeyOf('a', 's')).toBe(keys[0]);
    expect(new Set(keys).size).toBe(4);
    for (const key of keys) expect(key).toMatch(/^[\w-]{43}$/);
  });

  it('has a secret of 32 random bytes where none is configured', () => {
    const secrets = Array.from({ length: 100 }, randomSecret);
    expect(new Set(secrets).size).toBe(100);
    for (const secret of secrets) expect(secret).toMatch(/^[\w-]{43}$/);
  });
});

describe('a name in Redis', () => {
  it('belongs to one list of parts, whatever separators the parts contain', () => {
    const lists = ['/', '\n', ' ', '","'].flatMap(
      (separator) =>
        [
          ['result', 'a', `b${separator}c`],
          ['result', `a${separator}b`, 'c'],
          ['lease', 'a', `b${separator}c`],
          ['epoch', `a${separator}b${separator}c`],
        ] as const,
    );
    expect(new Set(lists.map((parts) => redisNameOf('secret', parts))).size).toBe(lists.length);
  });

  it('has the tag of its caller, so that all names of one caller are in one slot of a cluster', () => {
    const tagOf = (name: string) => /^viber-log:\d+:\{([\w-]{3})\}:[\w-]{43}$/.exec(name)?.[1];
    const names = [
      ['epoch', 'anna-key'] as const,
      ['result', 'anna-key', 'r'] as const,
      ['lease', 'anna-key', 'r'] as const,
    ];
    expect(names.map((parts) => tagOf(redisNameOf('secret', parts)))).toEqual(['ann', 'ann', 'ann']);
    expect(redisNameOf('secret', ['revocations'])).toMatch(/^viber-log:\d+:[\w-]{43}$/);
  });

  it('depends on the secret', () => {
    const parts = ['result', 'caller', 'request'] as const;
    expect(redisNameOf('other', parts)).not.toBe(redisNameOf('secret', parts));
  });
});
