/** The settings: their defaults, their faults, and the README's table of them. */
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { readConfig, readSandboxConfig } from '../src/config.ts';
import { ConfigError } from '../src/environment.ts';
import { doctorSettings, sandboxSettings, settings } from '../src/settings.ts';
import { codesIn, tableUnder } from './readme.ts';

it('are those of the README’s table, with these defaults', () => {
  const documented = tableUnder('Settings').map(([name = '', byDefault = '']) => [
    codesIn(name)[0],
    codesIn(byDefault)[0],
  ]);
  const all = Object.entries({ ...settings, ...sandboxSettings, ...doctorSettings });
  const byDefault = (setting: z.ZodType) => {
    const value = setting.parse(undefined);
    // What has no default of its own goes by NODE_ENV; an empty list is written as nothing at all.
    if (value === undefined) return setting.safeParse('off').data === false ? 'on' : undefined;
    if (typeof value === 'boolean') return value ? 'on' : 'off';
    return String(value) || undefined;
  };
  expect(documented).toEqual(all.map(([name, setting]) => [name, byDefault(setting)]));
});

it('can all be left out, or set to nothing', () => {
  const nothing = Object.fromEntries(Object.keys(settings).map((name) => [name, '']));
  expect(readConfig(nothing)).toEqual(readConfig({}));
});

it('are frozen', () => {
  const config = readConfig({});
  expect([config, config.upstream, config.upstream.queue.circuit, config.corsOrigins].every(Object.isFrozen)).toBe(
    true,
  );
});

it('are told in full when several are wrong, with what was expected and what came', () => {
  const wrong = {
    PORT: 'http',
    D7_BASE_URL: 'http://api.example.com',
    OPERATION_TIMEOUT_SECONDS: '0',
    MAX_REQUEST_IDS: '-1',
    LOG_LEVEL: 'loud',
    GRAPHIQL: 'yes',
    CORS_ORIGINS: 'https://a.example/,*',
  };
  expect(() => readConfig(wrong)).toThrow(
    new ConfigError([
      'PORT: expected a whole number from 0 to 65535, got "http"',
      'LOG_LEVEL: expected one of trace, debug, info, warn, error, fatal, silent, got "loud"',
      'GRAPHIQL: expected on or off, got "yes"',
      'CORS_ORIGINS: expected origins such as https://app.example.com, separated by commas; https://a.example/ has a slash too many, got "https://a.example/,*"',
      'MAX_REQUEST_IDS: expected a whole number from 1 to 10000, got "-1"',
      'OPERATION_TIMEOUT_SECONDS: expected a number of seconds from 0.001 to 3600, such as 2 or 0.5, got "0"',
      'D7_BASE_URL: expected an origin such as https://api.d7networks.com; plain http is only allowed to a loopback address',
    ]),
  );
});

it('are held against each other, too, all at once', () => {
  const wrong = {
    CLIENT_HEADERS_TIMEOUT_SECONDS: '20',
    CLIENT_REQUEST_TIMEOUT_SECONDS: '10',
    DRAIN_DELAY_SECONDS: '16',
    SHUTDOWN_TIMEOUT_SECONDS: '15',
    LIVE_MIN_INTERVAL_SECONDS: '31',
  };
  expect(() => readConfig(wrong)).toThrow(
    new ConfigError([
      'CLIENT_HEADERS_TIMEOUT_SECONDS: expected at most CLIENT_REQUEST_TIMEOUT_SECONDS, which is 10, got 20',
      'DRAIN_DELAY_SECONDS: expected at most SHUTDOWN_TIMEOUT_SECONDS, which is 15, got 16',
      'LIVE_MIN_INTERVAL_SECONDS: expected at most LIVE_MAX_INTERVAL_SECONDS, which is 30, got 31',
    ]),
  );
});

describe('Redis', () => {
  const CACHE_SECRET = 'a secret of thirty-two characters';
  const REDIS_URL = 'redis://user:password@redis.example:6379';

  it('is not there unless it is named', () => {
    expect(readConfig({}).redis).toBeNull();
    expect(readConfig({ CACHE_SECRET }).callerSecret).toBe(CACHE_SECRET);
  });

  it.each([
    REDIS_URL,
    'rediss://redis.example',
    'redis://:p%25ss@[::1]:6379/',
    'redis://user@redis.example/15',
    'redis://10.0.0.1',
  ])('may be at %s', (url) => {
    expect(readConfig({ REDIS_URL: url, CACHE_SECRET }).redis).toMatchObject({ url, secret: CACHE_SECRET });
  });

  it.each([
    [{ REDIS_URL }, 'CACHE_SECRET: expected with REDIS_URL'],
    [{ REDIS_URL, CACHE_SECRET: 'too short, password' }, 'CACHE_SECRET: expected at least 32 characters'],
    [
      { REDIS_URL: 'https://user:password@redis.example', CACHE_SECRET },
      'REDIS_URL: expected an address such as redis:',
    ],
    [{ REDIS_URL: 'password', CACHE_SECRET }, 'REDIS_URL: expected an address such as redis:'],
  ])('needs an address and a secret, and repeats neither: %#', (environment, words) => {
    expect(() => readConfig(environment)).toThrow(words);
    expect(() => readConfig(environment)).not.toThrow('password');
  });

  // redis/node-redis#1728
  it.each([
    ['redis://redis.example/abc', 'the number of a database'],
    ['redis://redis.example/0/', 'the number of a database'],
    ['redis://redis.example/-1', 'the number of a database'],
    ['redis://redis.example/1e3', 'the number of a database'],
    ['redis://user:p%ss@redis.example', 'written as %25'],
    ['redis://us%er:hunter2@redis.example', 'written as %25'],
    ['redis://user:hunter2%ff@redis.example', 'written as %25'],
    ['redis://redis.example/?db=1', 'a query or a fragment'],
    ['redis://redis.example#hunter2', 'a query or a fragment'],
    ['redis://redis.example:0', 'a port'],
    ['redis://redis.example:70000', 'not a URL'],
    ['redis://:hunter2@:6379', 'not a URL'],
    ['redis:///0', 'no host'],
    ['redis:redis.example', 'no host'],
    ['unix:///run/hunter2.sock', 'neither redis nor rediss'],
    ['redis.example:6379', 'neither redis nor rediss'],
  ])('may not be at %s', (url, words) => {
    const read = () => readConfig({ REDIS_URL: url, CACHE_SECRET });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(words);
    expect(read).toThrow('REDIS_URL: expected an address such as redis:');
    for (const secret of ['hunter2', 'p%ss', 'abc']) expect(read).not.toThrow(secret);
  });

  it('is told of together with all other faults', () => {
    const wrong = { PORT: 'http', REDIS_URL: 'redis://redis.example/abc', DRAIN_DELAY_SECONDS: '16' };
    expect(() => readConfig(wrong)).toThrow(
      new ConfigError([
        'PORT: expected a whole number from 0 to 65535, got "http"',
        'REDIS_URL: expected an address such as redis://127.0.0.1:6379 or rediss://…; the path is the number of a database, such as /0',
        'DRAIN_DELAY_SECONDS: expected at most SHUTDOWN_TIMEOUT_SECONDS, which is 15, got 16',
        'CACHE_SECRET: expected with REDIS_URL, the same for all replicas, got nothing',
      ]),
    );
  });

  it.each([
    [{}, true],
    [{ CACHE_LIVE_TTL_SECONDS: '0' }, false],
  ])('has replicas use leases only if every kind of result is cached: %j', (ttl, usesLeases) => {
    expect(readConfig({ REDIS_URL, CACHE_SECRET, ...ttl }).redis?.usesLeases).toBe(usesLeases);
  });
});

it('of the sandbox are checked likewise', () => {
  expect(() => readSandboxConfig({ SANDBOX_PORT: '70000' })).toThrow(
    /SANDBOX_PORT: expected a whole number from 0 to 65535/,
  );
});

it.each([
  [{}, true],
  [{ NODE_ENV: 'production' }, false],
  [{ NODE_ENV: 'production', GRAPHIQL: 'on', INTROSPECTION: 'on', FIELD_SUGGESTIONS: 'on' }, true],
  [{ GRAPHIQL: 'off', INTROSPECTION: 'off', FIELD_SUGGESTIONS: 'off' }, false],
])('show the schema to strangers only where they are meant to: %j', (environment, shown) => {
  const { graphiql, document } = readConfig(environment);
  expect([graphiql, document.introspection, document.fieldSuggestions]).toEqual([shown, shown, shown]);
});

describe('D7_BASE_URL', () => {
  it.each([
    'https://api.d7networks.com',
    'https://api.d7networks.com/',
    'https://d7.example:8443',
    'http://localhost:4010',
    'http://127.0.0.1:4010',
    'http://127.8.8.8',
    'http://[::1]:4010',
  ])('may be %s', (url) => {
    expect(readConfig({ D7_BASE_URL: url }).upstream.connections.origin).toBe(new URL(url).origin);
  });

  it.each([
    ['api.d7networks.com', 'not a URL'],
    ['ftp://api.d7networks.com', 'neither https nor http'],
    ['file:///etc/passwd', 'neither https nor http'],
    ['http://api.d7networks.com', 'plain http'],
    ['http://localhost.example.com', 'plain http'],
    ['http://127.0.0.1.example.com', 'plain http'],
    ['https://user:password@api.d7networks.com', 'credentials'],
    ['https://api.d7networks.com/report', 'a path'],
    ['https://api.d7networks.com/?a=b', 'a query'],
    ['https://api.d7networks.com/#a', 'a fragment'],
  ])('may not be %s', (url, words) => {
    expect(() => readConfig({ D7_BASE_URL: url })).toThrow(words);
    expect(() => readConfig({ D7_BASE_URL: url })).not.toThrow('password');
  });
});
