/** This gateway in a larger graph: real routers over real sockets, beside another team's subgraph. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema, parse } from 'graphql';
import { createClient } from 'graphql-sse';
import { describe, expect, it } from 'vitest';
import { compose, composers, openGraph, type RouterName } from './federation/graph.ts';
import { ordersSdl } from './federation/orders.ts';
import { openHouse } from './house.ts';

const composerNames = Object.keys(composers) as (keyof typeof composers)[];
const routerNames: RouterName[] = ['Apollo Gateway', 'Hive Gateway'];
const everyGraph = routerNames.flatMap((router) => composerNames.map((composer) => ({ router, composer })));

const sdl = execFileSync(process.execPath, ['src/graphql/federation.ts'], { encoding: 'utf8' });

describe.each(everyGraph)('$router over what $composer composed', (graphOptions) => {
  it('walks from an order to the log of its notice, and from there to the order, for one call', async () => {
    await using graph = await openGraph(graphOptions);
    const { data, errors } = await graph.ask(`{
      order(id: "order-recipients-2") {
        notice { log { __typename ... on ViberLog { totalRecipients messages { msgId status } order { id } } } }
      }
    }`);
    expect(errors).toBeUndefined();
    const { log } = data.order.notice;
    expect(log).toMatchObject({ __typename: 'ViberLog', totalRecipients: 2, order: { id: 'order-recipients-2' } });
    expect(log.messages).toHaveLength(2);
    expect(graph.house.sandbox.callCount()).toBe(1);
  });

  it('walks from a log to what others know of it', async () => {
    await using graph = await openGraph(graphOptions);
    const { data } = await graph.ask(
      `{ viberLog(requestId: "recipients-1") { ... on ViberLog { channel order { id notice { requestId } } } } }`,
    );
    expect(data.viberLog).toEqual({
      channel: 'viber',
      order: { id: 'order-recipients-1', notice: { requestId: 'recipients-1' } },
    });
    expect(graph.house.sandbox.callCount()).toBe(1);
  });

  it('serves the summary, filtered messages and pages of a log, at the root and from an order', async () => {
    await using graph = await openGraph(graphOptions);
    const views = `summary { messages delivered totalCost byCountry { country messages } }
      messages(filter: { country: ["AE"] }) { country }
      messagesConnection(first: 2, filter: $filter) { totalCount edges { cursor node { msgId status } } pageInfo { hasNextPage } }`;
    const { data, errors } = await graph.ask(
      `query ($filter: ViberMessageFilter) {
        viberLog(requestId: "recipients-20") { ... on ViberLog { ${views} } }
        order(id: "order-recipients-20") { log { ${views} } }
      }`,
      { variables: { filter: { status: ['DELIVERED'] } } },
    );
    expect(errors).toBeUndefined();
    const { summary, messages, messagesConnection } = data.viberLog;
    expect(data.order.log).toEqual(data.viberLog);
    expect(summary.messages).toBe(20);
    expect(messages).toHaveLength(summary.byCountry.find((one: { country: string }) => one.country === 'AE').messages);
    expect(messagesConnection.totalCount).toBe(summary.delivered);
    expect(messagesConnection.edges.map(({ node }: { node: { status: string } }) => node.status)).toEqual([
      'DELIVERED',
      'DELIVERED',
    ]);
    expect(messagesConnection.pageInfo).toEqual({ hasNextPage: true });
  });

  it('tells a missing log as NotFound at the far end', async () => {
    await using graph = await openGraph(graphOptions);
    const { data, errors } = await graph.ask(
      `{ order(id: "order-missing") { notice { log { __typename ... on NotFound { requestId code } } } } }`,
    );
    expect(errors).toBeUndefined();
    expect(data.order).toEqual({
      notice: { log: { __typename: 'NotFound', requestId: 'missing', code: 'VIBER_MESSAGE_LOG_NOT_EXISTS' } },
    });
  });

  it('fails one entity and answers those beside it', async () => {
    await using graph = await openGraph(graphOptions);
    const { data, errors } = await graph.ask(
      `query ($requestIds: [ID!]!) { orders(requestIds: $requestIds) { id log { totalRecipients } } }`,
      { variables: { requestIds: ['recipients-1', 'error-402', 'recipients-3'] } },
    );
    // A router gives null for each field of an entity that failed, where the field may be null.
    expect(data.orders.map(({ log }: { log: unknown }) => log)).toEqual([
      { totalRecipients: 1 },
      { totalRecipients: null },
      { totalRecipients: 3 },
    ]);
    expect(errors).toHaveLength(1);
    expect(errors[0].extensions.code).toBe('INSUFFICIENT_CREDIT');
    expect(graph.house.sandbox.callCount()).toBe(3);
  });

  it('finds a message again that another subgraph holds', async () => {
    await using graph = await openGraph(graphOptions);
    const { data } = await graph.ask(`{ order(id: "order-recipients-2") { firstMessage { recipient status } } }`);
    expect(data.order.firstMessage).toEqual({ recipient: '+971500000000', status: 'DELIVERED' });
  });

  it('asks with the caller’s own token, and hands the trace on', async () => {
    await using graph = await openGraph({ ...graphOptions, sandbox: { tokens: ['anna', 'bert'] } });
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const channels = await Promise.all(
      ['anna', 'bert'].map(async (token) => {
        const { data } = await graph.ask(`{ order(id: "order-account") { log { channel } } }`, {
          token,
          headers: { traceparent },
        });
        return data.order.log.channel;
      }),
    );
    expect(channels).toEqual(['viber-account-0', 'viber-account-1']);
    const { calls } = graph.house.sandbox;
    expect(calls.map(({ authorization }) => authorization).toSorted()).toEqual(['Bearer anna', 'Bearer bert']);
    for (const { rawHeaders } of calls) expect(rawHeaders[rawHeaders.indexOf('traceparent') + 1]).toBe(traceparent);
  });
});

describe('Hive Gateway', () => {
  it('follows a log over SSE until it is final, with what others know of it', async () => {
    let halfSeconds = 0;
    await using graph = await openGraph({
      router: 'Hive Gateway',
      composer: '@theguild/federation-composition',
      sandbox: { now: () => 500 * halfSeconds++ },
      settings: { LIVE_MIN_INTERVAL_SECONDS: '0.05', LIVE_MAX_INTERVAL_SECONDS: '0.05' },
    });
    const client = createClient({ url: graph.url, headers: { authorization: 'Bearer sandbox-token' } });
    const query = `subscription {
      viberLog(requestId: "moving") { ... on ViberLog { messages { status } order { id } } }
    }`;
    const told: { order: { id: string }; messages: { status: string }[] }[] = [];
    // biome-ignore lint/suspicious/noExplicitAny: what came is what the test is about
    for await (const { data } of client.iterate<any>({ query })) told.push(data.viberLog);
    const final = told.map(({ messages }) => messages.filter(({ status }) => status !== 'SENT').length);
    expect(final).toEqual(Array.from({ length: 11 }, (_, count) => count));
    expect(new Set(told.map(({ order }) => order.id))).toEqual(new Set(['order-moving']));
  });
});

describe('the subgraph', () => {
  const entities = `query ($representations: [_Any!]!) {
    _entities(representations: $representations) {
      __typename
      ... on ViberLog { requestId }
      ... on ViberMessage { requestId msgId }
      ... on ViberRequest { requestId }
    }
  }`;

  it('prints its schema for a registry as it tells it to a router', async () => {
    await using house = await openHouse();
    const { body } = await house.ask('{ _service { sdl } }');
    for (const part of [
      'type ViberRequest @key(fields: "requestId")',
      '@listSize(assumedSize: 100)',
      '@cost(weight: 10)',
      'scalar DateTime @specifiedBy(url: "https://scalars.graphql.org/',
    ]) {
      expect(sdl).toContain(part);
      expect(body.data._service.sdl).toContain(part);
    }
  });

  it.each(composerNames)('composes by %s, costs and descriptions included', (composer) => {
    const supergraph = compose(composer, [
      { name: 'viber-log', url: 'http://viber-log', typeDefs: parse(sdl) },
      { name: 'orders', url: 'http://orders', typeDefs: parse(ordersSdl) },
    ]);
    expect(supergraph).toContain('@listSize(assumedSize: 100');
    expect(supergraph).toMatch(/@cost\(weight: 10\)/);
    for (const told of ['Personal data.', 'The delivery log of one Viber send request.', 'when the log is final']) {
      expect(supergraph).toContain(told);
    }
  });

  it('asks once for each distinct id of fifty representations', async () => {
    await using house = await openHouse();
    const representations = Array.from({ length: 50 }, (_, index) => ({
      __typename: index % 2 ? 'ViberLog' : 'ViberMessage',
      requestId: `recipients-${(index % 5) + 1}`,
      msgId: '7053a678-75fe-11ed-9e31-000000000000',
    }));
    const { body } = await house.ask(entities, { variables: { representations } });
    expect(body.errors).toBeUndefined();
    expect(
      body.data._entities.map(({ __typename, requestId }: Record<string, string>) => [__typename, requestId]),
    ).toEqual(representations.map(({ __typename, requestId }) => [__typename, requestId]));
    expect(house.sandbox.callCount()).toBe(5);
  });

  it('resolves a handle without a call, and a missing log or message to null; nothing without a token', async () => {
    await using house = await openHouse();
    const representations = [
      { __typename: 'ViberRequest', requestId: 'anything' },
      { __typename: 'ViberLog', requestId: 'missing' },
      { __typename: 'ViberMessage', requestId: 'recipients-1', msgId: 'none' },
    ];
    const { body } = await house.ask(entities, { variables: { representations } });
    expect(body).toEqual({
      data: { _entities: [{ __typename: 'ViberRequest', requestId: 'anything' }, null, null] },
    });
    expect(house.sandbox.callCount()).toBe(2);
    const handle = { variables: { representations: representations.slice(0, 1) }, authorization: null };
    expect((await house.ask(entities, handle)).body).toMatchObject({
      data: null,
      errors: [{ path: ['_entities'], extensions: { code: 'UNAUTHENTICATED' } }],
    });
  });

  it.each([
    ['a type that is no entity', { __typename: 'NotFound', requestId: 'a' }],
    ['a type that nobody knows', { __typename: 'Nope', requestId: 'a' }],
    ['no key', { __typename: 'ViberLog' }],
    ['a key that is no text', { __typename: 'ViberLog', requestId: { a: 1 } }],
    ['an id that cannot be one', { __typename: 'ViberLog', requestId: '../a' }],
  ])('fails %s by itself', async (_what, bad) => {
    await using house = await openHouse();
    const representations = [bad, { __typename: 'ViberLog', requestId: 'recipients-1' }];
    const { body } = await house.ask(entities, { variables: { representations } });
    expect(body.data._entities).toEqual([null, { __typename: 'ViberLog', requestId: 'recipients-1' }]);
    expect(body.errors).toMatchObject([{ path: ['_entities', 0], extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(house.logged.join()).not.toContain('unexpected');
  });

  it('keeps to the limit of calls', async () => {
    await using house = await openHouse();
    const representations = Array.from({ length: 101 }, (_, index) => ({
      __typename: 'ViberLog',
      requestId: `id-${index}`,
    }));
    const { status, body } = await house.ask(entities, { variables: { representations } });
    expect([status, body.errors[0].extensions.code]).toEqual([400, 'MAX_UPSTREAM_CALLS_LIMIT']);
    expect(house.sandbox.callCount()).toBe(0);
  });

  it('does not tell its schema to strangers in production', async () => {
    await using house = await openHouse({ settings: { NODE_ENV: 'production' } });
    const { body } = await house.ask('{ _service { sdl } }');
    expect(body).toMatchObject({ errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] });
    expect(body.data).toBeUndefined();
  });
});

describe('the public schema', () => {
  const released = readFileSync('schema/released/subgraph.graphql', 'utf8');
  const breakingChanges = async (before: string, after: string) =>
    (await diff(buildSchema(before), buildSchema(after)))
      .filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking)
      .map(({ message }) => message);

  it('breaks nothing that the last release had', async () => {
    expect(await breakingChanges(released, sdl)).toEqual([]);
  });

  it.each([
    ['  channel: String\n', '  channels: String\n', "Field 'channel' was removed from object type 'ViberLog'"],
    ['  country: String\n', '  country: Int\n', "Field 'ViberMessage.country' changed type from 'String' to 'Int'"],
    ['  UNKNOWN\n', '  OTHER\n', "Enum value 'UNKNOWN' was removed from enum 'ViberMessageStatus'"],
    [
      'union ViberLogResult = ViberLog | NotFound',
      'union ViberLogResult = ViberLog',
      "Member 'NotFound' was removed from Union type 'ViberLogResult'",
    ],
  ])('would be seen to break: %j', async (part, instead, words) => {
    expect(sdl).toContain(part);
    expect(await breakingChanges(released, sdl.replace(part, instead))).toContain(words);
  });
});

describe('without the file of federation', () => {
  it('the gateway stands, and speaks the plain schema', () => {
    const copy = mkdtempSync(join(tmpdir(), 'gateway-'));
    try {
      for (const part of ['src', 'schema', 'test', 'package.json', 'README.md', 'tsconfig.json']) {
        cpSync(part, join(copy, part), { recursive: true });
      }
      symlinkSync(resolve('node_modules'), join(copy, 'node_modules'));
      rmSync(join(copy, 'src/graphql/federation.ts'));
      const vitest = resolve('node_modules/vitest/vitest.mjs');
      const some = ['viber-log', 'schema.test', 'conformance', 'websocket.test'];
      const run = [vitest, 'run', '--config', 'test/vitest.config.ts', '--reporter=dot', ...some];
      const said = execFileSync(process.execPath, run, {
        cwd: copy,
        encoding: 'utf8',
        env: { PATH: process.env.PATH },
      });
      expect(said).toMatch(/Tests .* passed/);
    } finally {
      rmSync(copy, { recursive: true });
    }
  }, 300_000);
});

describe('the trace context', () => {
  const good = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const query = '{ viberLog(requestId: "recipients-1") { __typename } }';

  it.each([
    [
      'as it is',
      { traceparent: good, tracestate: 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE' },
      [good, 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE'],
    ],
    ['without a state that is none', { traceparent: good, tracestate: '=' }, [good, undefined]],
    [
      'not at all where it is badly written',
      { traceparent: 'Bearer secret', tracestate: 'a=b' },
      [undefined, undefined],
    ],
    ['not at all where only a state came', { tracestate: 'a=b' }, [undefined, undefined]],
  ])('goes to D7 %s', async (_how, headers, sent) => {
    await using house = await openHouse();
    await house.ask(query, { headers: headers as Record<string, string> });
    const raw = house.sandbox.calls[0]?.rawHeaders ?? [];
    const headerOf = (name: string) => (raw.includes(name) ? raw[raw.indexOf(name) + 1] : undefined);
    expect([headerOf('traceparent'), headerOf('tracestate')]).toEqual(sent);
  });
});
