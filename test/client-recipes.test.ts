/** The recipes of test/clients/README.md, run against the gateway. */
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { CombinedGraphQLErrors, gql } from '@apollo/client';
import type { ResultOf } from '@graphql-typed-document-node/core';
import { parse, print } from 'graphql';
import { createOperationDescriptor, fetchQuery, requestSubscription } from 'relay-runtime';
import { expect, it, vi } from 'vitest';
import { apolloClient, followFigures as followByApollo, readLogs } from './clients/apollo-client.ts';
import { liveSummary, logs, page, summary } from './clients/documents/logs.ts';
import { gateway } from './clients/fetch.ts';
import { asker, trustedAsker } from './clients/graphql-request.ts';
import relayPage, { type logsPageQuery } from './clients/relay/generated/logsPageQuery.graphql.ts';
import relayLogs, { type logsQuery } from './clients/relay/generated/logsQuery.graphql.ts';
import relayLive, { type logsSubscription } from './clients/relay/generated/logsSubscription.graphql.ts';
import relaySummary, { type logsSummaryQuery } from './clients/relay/generated/logsSummaryQuery.graphql.ts';
import { relayEnvironment } from './clients/relay.ts';
import { followFigures as followByUrql, urqlClient } from './clients/urql.ts';
import { http, log, message, openFakeUpstream } from './fake-upstream.ts';
import { type House, openHouse } from './house.ts';
import { documentAt } from './readme.ts';

const token = 'sandbox-token';
const pathOf = (file: string) => fileURLToPath(new URL(`clients/${file}`, import.meta.url));
const manifests = {
  codegen: pathOf('documents/generated/persisted-documents.json'),
  Relay: pathOf('relay/generated/trusted-documents.json'),
};

type Documents = 'text' | 'registered' | 'trusted' | 'Relay';
type Seen = { items: (string | null)[] | undefined; codes: unknown[] };
type ByText = 'text' | 'registered' | 'trusted';
type Read = (url: string, requestIds: string[]) => Promise<Seen>;
type Logs = ResultOf<typeof logs> | null | undefined;

/** What came, in short: `NotFound` is told by its type name. */
function seen(data: Logs, errors: readonly { extensions?: object | undefined }[] = []): Seen {
  const items = data?.viberLogs?.map(
    (item) => item && `${item.requestId}: ${item.__typename === 'NotFound' ? item.code : item.messages.length}`,
  );
  return { items, codes: errors.map(({ extensions }) => (extensions as { code: unknown }).code) };
}

const byApollo =
  (documents: ByText): Read =>
  async (url, requestIds) => {
    const { data, error } = await readLogs(apolloClient(url, token, documents), requestIds);
    return seen(data as Logs, CombinedGraphQLErrors.is(error) ? error.errors : []);
  };
const byUrql =
  (documents: ByText): Read =>
  async (url, requestIds) => {
    const { data, error } = await urqlClient(url, token, documents).query(logs, { requestIds }).toPromise();
    return seen(data, error?.graphQLErrors);
  };
const byGraphqlRequest =
  (open: typeof asker): Read =>
  async (url, requestIds) => {
    const { data, errors } = await open(url, token)(logs, { requestIds });
    return seen(data, errors);
  };
const byFetch =
  (trusted: boolean): Read =>
  async (url, requestIds) => {
    const { data, errors } = await gateway(url, token, { trusted }).ask(logs, { requestIds });
    return seen(data, errors);
  };

const readers: [string, ByText, Read][] = [
  ['Apollo Client', 'text', byApollo('text')],
  ['Apollo Client', 'registered', byApollo('registered')],
  ['Apollo Client', 'trusted', byApollo('trusted')],
  ['urql', 'text', byUrql('text')],
  ['urql', 'registered', byUrql('registered')],
  ['urql', 'trusted', byUrql('trusted')],
  ['graphql-request', 'text', byGraphqlRequest(asker)],
  ['graphql-request', 'trusted', byGraphqlRequest(trustedAsker)],
  ['fetch', 'text', byFetch(false)],
  ['fetch', 'trusted', byFetch(true)],
];

function openHouseFor(documents: Documents, settings: Record<string, string> = {}): Promise<House> {
  const manifest = { text: '', registered: '', trusted: manifests.codegen, Relay: manifests.Relay }[documents];
  return openHouse({ settings: { ...(manifest && { TRUSTED_DOCUMENTS: manifest }), ...settings } });
}

/** Whether each request of a client had the text of its document. */
async function textsIn(work: () => Promise<unknown>): Promise<boolean[]> {
  const spy = vi.spyOn(globalThis, 'fetch');
  try {
    await work();
    return spy.mock.calls.map(([, init]) => String(init?.body).includes('viberLog'));
  } finally {
    spy.mockRestore();
  }
}

it.each(readers)('%s gets a part of a list, and NotFound as data (documents: %s)', async (_name, documents, read) => {
  await using house = await openHouseFor(documents);
  const expected = {
    items: ['recipients-2: 2', 'missing: VIBER_MESSAGE_LOG_NOT_EXISTS', null],
    codes: ['RATE_LIMITED'],
  };
  const reading = async () => expect(await read(house.url, ['recipients-2', 'missing', 'error-429'])).toEqual(expected);
  const first = { text: [true], registered: [false, true], trusted: [false] };
  expect(await textsIn(reading)).toEqual(first[documents]);
  expect(await textsIn(reading)).toEqual([documents === 'text']);
});

const messages = (delivered: number, failed: number) =>
  Array.from({ length: 100 }, (_, index) => {
    const status = index < delivered ? 'delivered' : index >= 100 - failed ? 'undelivered' : 'sent';
    return { ...message, msg_id: `m${index}`, status, viber_cost: status === 'delivered' ? 0.0004 : null };
  });

const stories: [sentence: string, body: Buffer][] = [
  ['0 of 100 delivered, 0 spent, 0 failed', messages(0, 0)],
  ['37 of 100 delivered, 0.0148 spent, 3 failed', messages(37, 3)],
  ['97 of 100 delivered, 0.0388 spent, 3 failed', messages(97, 3)],
].map(([sentence, rows]) => [sentence as string, http('200 OK', log('a', rows as object[]))]);

/** The log changes when the client shows its state: a client that is slow misses none. */
async function followStories(documents: Documents, follow: (house: House) => () => string | undefined): Promise<void> {
  let state = 0;
  await using fake = await openFakeUpstream(() => stories[state]?.[1] as Buffer);
  const quick = { LIVE_MIN_INTERVAL_SECONDS: '0.02', LIVE_MAX_INTERVAL_SECONDS: '0.05', D7_BASE_URL: fake.url };
  await using house = await openHouseFor(documents, quick);
  const shown = follow(house);
  for (const [sentence] of stories) {
    await expect.poll(shown).toBe(sentence);
    state += 1;
  }
}

type Figures = { messages: number; delivered: number; undelivered: number; totalCost: number };
type Summary = { readonly __typename: string; readonly summary?: Figures };
function sentenceOf(result: Summary | null | undefined): string | undefined {
  const now = result?.summary;
  return now && `${now.delivered} of ${now.messages} delivered, ${now.totalCost} spent, ${now.undelivered} failed`;
}

const kinds = ['text', 'registered', 'trusted'] as const;
const allSentences = stories.map(([sentence]) => sentence);

it.each(kinds)('Apollo Client shows live figures (documents: %s)', async (documents) => {
  const sentences: string[] = [];
  await followStories(documents, ({ url }) => {
    followByApollo(apolloClient(url, token, documents), 'a', (sentence) => sentences.push(sentence));
    return () => sentences.at(-1);
  });
  expect(sentences).toEqual(allSentences);
});

it.each(kinds)('urql shows live figures (documents: %s)', async (documents) => {
  const sentences: string[] = [];
  await followStories(documents, ({ url }) => {
    followByUrql(urqlClient(url, token, documents), 'a', (sentence) => sentences.push(sentence));
    return () => sentences.at(-1);
  });
  // urql repeats the last one when the stream completes.
  expect([...new Set(sentences)]).toEqual(allSentences);
});

it.each(['apollo-client', 'urql'])('%s needs at most five lines for that', (name) => {
  const [, code = ''] = documentAt(`test/clients/${name}.ts`).split('// The figures of a log in one sentence, live.\n');
  const lines = code.split('\n').filter((line) => line.trim() !== '');
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.length).toBeLessThanOrEqual(5);
});

it.each(['text', 'trusted'] as const)('fetch reads live figures (documents: %s)', async (documents) => {
  const sentences: (string | undefined)[] = [];
  const follow = async (url: string) => {
    const { follow } = gateway(url, token, { trusted: documents === 'trusted' });
    for await (const { data } of follow(liveSummary, { requestId: 'a' })) sentences.push(sentenceOf(data?.viberLog));
  };
  let followed: Promise<void> | undefined;
  await followStories(documents, ({ url }) => {
    followed = follow(url);
    return () => sentences.at(-1);
  });
  await followed;
  expect(sentences).toEqual(allSentences);
});

/** Reads the summary, then follows it. @returns what the query shows, which only the cache can change */
const watchers: Record<string, (url: string) => () => string | undefined> = {
  'Apollo Client': (url) => {
    const client = apolloClient(url, token);
    let shown: string | undefined;
    client.watchQuery({ query: summary, variables: { requestId: 'a' } }).subscribe(({ data }) => {
      shown = sentenceOf(data?.viberLog as Summary);
    });
    followByApollo(client, 'a', () => {});
    return () => shown;
  },
  urql: (url) => {
    const client = urqlClient(url, token);
    let shown: string | undefined;
    client.query(summary, { requestId: 'a' }).subscribe(({ data }) => {
      shown = sentenceOf(data?.viberLog);
    });
    followByUrql(client, 'a', () => {});
    return () => shown;
  },
  Relay: (url) => {
    const environment = relayEnvironment(url, token);
    const operation = createOperationDescriptor(relaySummary, { requestId: 'a' });
    environment.retain(operation);
    fetchQuery<logsSummaryQuery>(environment, relaySummary, { requestId: 'a' }).subscribe({});
    requestSubscription<logsSubscription>(environment, { subscription: relayLive, variables: { requestId: 'a' } });
    return () => {
      const { viberLog } = environment.lookup(operation.fragment).data as logsSummaryQuery['response'];
      return viberLog?.ok ? sentenceOf(viberLog.value as Summary) : undefined;
    };
  },
};

it.each(Object.entries(watchers))('%s updates a query by a subscription, as both have one key', async (name, watch) => {
  await followStories(name === 'Relay' ? 'Relay' : 'text', ({ url }) => watch(url));
});

it('Apollo Client keeps the figures of one query when another reads further ones', async () => {
  await using house = await openHouse();
  const client = apolloClient(house.url, token);
  const variables = { requestId: 'recipients-2' };
  const { data } = await client.query({ query: summary, variables });
  const further = '... on ViberLog { requestId summary { progress } }';
  await client.query({
    query: gql`query Further($requestId: ID!) { viberLog(requestId: $requestId) { ${further} } }`,
    variables,
  });
  expect(client.readQuery({ query: summary, variables })).toEqual(data);
});

/** Reads two pages, and then the whole list. @returns the statuses in the pages, from the cache */
type Pages = { readPages: () => Promise<unknown>; readList: () => Promise<unknown>; statuses: () => string[] };
const first = { requestId: 'a', first: 2 };
type Connection = { readonly edges: readonly { readonly node: { readonly status: string } }[] };
type Paged = { readonly viberLog?: { readonly messagesConnection?: Connection | null } | null } | null | undefined;
const statusesIn = (data: Paged) => data?.viberLog?.messagesConnection?.edges.map(({ node }) => node.status) ?? [];
const cursorOf = (index: number) => Buffer.from(`0:m${index}`).toString('base64url');

const pagers: Record<string, (url: string) => Pages> = {
  'Apollo Client': (url) => {
    const client = apolloClient(url, token);
    return {
      readPages: async () => {
        const pages = client.watchQuery({ query: page, variables: first });
        await pages.fetchMore({});
        await pages.fetchMore({ variables: { after: cursorOf(1) } });
      },
      readList: () => readLogs(client, ['a']),
      statuses: () => statusesIn(client.readQuery({ query: page, variables: first }) as Paged),
    };
  },
  urql: (url) => {
    const client = urqlClient(url, token);
    return {
      readPages: async () => {
        await client.query(page, first).toPromise();
        await client.query(page, { ...first, after: cursorOf(1) }).toPromise();
      },
      readList: () => client.query(logs, { requestIds: ['a'] }).toPromise(),
      statuses: () => statusesIn(client.readQuery(page, first)?.data as Paged),
    };
  },
  Relay: (url) => {
    const environment = relayEnvironment(url, token);
    const operation = createOperationDescriptor(relayPage, first);
    environment.retain(operation);
    return {
      readPages: async () => {
        await fetchQuery<logsPageQuery>(environment, relayPage, first).toPromise();
        await fetchQuery<logsPageQuery>(environment, relayPage, { ...first, after: cursorOf(1) }).toPromise();
      },
      readList: () => fetchQuery<logsQuery>(environment, relayLogs, { requestIds: ['a'] }).toPromise(),
      statuses: () => statusesIn(environment.lookup(operation.fragment).data as Paged),
    };
  },
};

it.each(Object.entries(pagers))('%s joins pages, and has one message for one key', async (name, open) => {
  let status = 'sent';
  const rows = () => ['m0', 'm1', 'm2'].map((msg_id) => ({ ...message, msg_id, status }));
  await using fake = await openFakeUpstream(() => http('200 OK', log('a', rows())));
  await using house = await openHouseFor(name === 'Relay' ? 'Relay' : 'text', { D7_BASE_URL: fake.url });
  const { readPages, readList, statuses } = open(house.url);
  await readPages();
  expect(statuses()).toEqual(['SENT', 'SENT', 'SENT']);
  status = 'delivered';
  await readList();
  expect(statuses()).toEqual(['DELIVERED', 'DELIVERED', 'DELIVERED']);
});

it('Relay gets a part of a list, NotFound as data, and the code of a failure by @catch', async () => {
  await using house = await openHouseFor('Relay');
  const environment = relayEnvironment(house.url, token);
  const requestIds = ['recipients-2', 'missing', 'error-429'];
  const data = await fetchQuery<logsQuery>(environment, relayLogs, { requestIds }).toPromise();
  expect(seen(data as Logs).items).toEqual(['recipients-2: 2', 'missing: VIBER_MESSAGE_LOG_NOT_EXISTS', null]);
  const failed = await fetchQuery<logsSummaryQuery>(environment, relaySummary, { requestId: 'error-429' }).toPromise();
  const extensions = { code: 'RATE_LIMITED', retryAfterSeconds: 30 };
  expect(failed?.viberLog).toEqual({ ok: false, errors: [{ extensions }] });
});

it('Relay runs what its compiler made of the operations in the recipe', () => {
  const texts = [...documentAt('test/clients/relay/logs.ts').matchAll(/graphql`(.+?)`/gs)].map(([, text = '']) => text);
  // As the compiler's plugin does, to find a file that is not up to date.
  const hashes = texts.map((text) =>
    createHash('md5')
      .update(print(parse(text)))
      .digest('hex'),
  );
  const compiled = [relayLogs, relaySummary, relayLive, relayPage];
  expect(hashes).toEqual(compiled.map((request) => (request as { hash?: string }).hash));
  const manifest = JSON.parse(documentAt('test/clients/relay/generated/trusted-documents.json'));
  expect(Object.keys(manifest).toSorted()).toEqual(compiled.map(({ params }) => params.id).toSorted());
});
