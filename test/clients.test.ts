/** The clients that frontends use, as they come: each follows a log until it is final, and none needs anything but its defaults. */
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { Client, cacheExchange, fetchExchange, subscriptionExchange } from '@urql/core';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createWsClient } from 'graphql-ws';
import { expect, it } from 'vitest';
import { type House, openHouse } from './house.ts';

const authorization = 'Bearer sandbox-token';
const subscription = `
  subscription Live($requestId: ID!) {
    viberLog(requestId: $requestId) {
      __typename
      ... on ViberLog { requestId messages { msgId status } }
      ... on NotFound { requestId code }
    }
  }
`;
const query = subscription.replace('subscription Live', 'query Once');
const possibleTypes = { ViberLogResult: ['ViberLog', 'NotFound'], Error: ['NotFound'] };
const variables = { requestId: 'moving' };

/** Ten messages, one after another final: each look finds a second more gone by, since the sandbox asks for the time twice. */
async function openMovingHouse(): Promise<House> {
  let halfSeconds = 0;
  return openHouse({
    sandbox: { now: () => 500 * halfSeconds++ },
    settings: { LIVE_MIN_INTERVAL_SECONDS: '0.05', LIVE_MAX_INTERVAL_SECONDS: '0.05' },
  });
}

// biome-ignore lint/suspicious/noExplicitAny: what came is what the test is about
type Data = any;

const final = ['DELIVERED', 'DELIVERED', 'DELIVERED', 'DELIVERED', 'UNDELIVERED'];

/** From all sent to all final, one message at a time, and then the stream was completed. */
function expectWholeStory(told: Data[]): void {
  const counts = told.map(({ viberLog }) => viberLog.messages.filter(({ status }: Data) => status !== 'SENT').length);
  expect(counts).toEqual(Array.from({ length: 11 }, (_, count) => count));
  expect(told.at(-1).viberLog.messages.map(({ status }: Data) => status)).toEqual([...final, ...final]);
}

const wsUrl = ({ url }: House) => url.replace('http', 'ws');

it('graphql-sse follows a log', async () => {
  await using house = await openMovingHouse();
  const client = createSseClient({ url: house.url, headers: { authorization } });
  const told: Data[] = [];
  for await (const { data } of client.iterate<Data>({ query: subscription, variables })) told.push(data);
  expectWholeStory(told);
});

it('graphql-ws follows a log', async () => {
  await using house = await openMovingHouse();
  const client = createWsClient({ url: wsUrl(house), connectionParams: { authorization } });
  const told: Data[] = [];
  for await (const { data } of client.iterate<Data>({ query: subscription, variables })) told.push(data);
  expectWholeStory(told);
  await client.dispose();
});

it('Apollo Client asks over HTTP and follows over WebSocket', async () => {
  await using house = await openMovingHouse();
  const webSocket = createWsClient({ url: wsUrl(house), connectionParams: { authorization } });
  const link = ApolloLink.split(
    ({ operationType }) => operationType === 'subscription',
    new GraphQLWsLink(webSocket),
    new HttpLink({ uri: house.url, headers: { authorization } }),
  );
  const client = new ApolloClient({ link, cache: new InMemoryCache({ possibleTypes }) });
  const missing = await client.query<Data>({ query: gql(query), variables: { requestId: 'missing' } });
  expect(missing.data.viberLog.code).toBe('VIBER_MESSAGE_LOG_NOT_EXISTS');
  const told: Data[] = [];
  await new Promise<void>((complete, error) => {
    const next = ({ data }: { data?: Data }) => told.push(data);
    client.subscribe<Data>({ query: gql(subscription), variables }).subscribe({ next, error, complete });
  });
  expectWholeStory(told);
  client.stop();
  await webSocket.dispose();
});

it.each(['SSE', 'WebSocket'])('urql asks over HTTP and follows over %s', async (transport) => {
  await using house = await openMovingHouse();
  const webSocket = createWsClient({ url: wsUrl(house), connectionParams: { authorization } });
  const overWebSocket = subscriptionExchange({
    forwardSubscription: (request) => ({
      subscribe: (sink) => ({
        unsubscribe: webSocket.subscribe({ ...request, query: request.query ?? '' } as Data, sink as Data),
      }),
    }),
  });
  const client = new Client({
    url: house.url,
    preferGetMethod: false,
    fetchOptions: { headers: { authorization } },
    ...(transport === 'SSE'
      ? { fetchSubscriptions: true, exchanges: [cacheExchange, fetchExchange] }
      : { exchanges: [cacheExchange, overWebSocket, fetchExchange] }),
  });
  const missing = await client.query(query, { requestId: 'missing' }).toPromise();
  expect(missing.data.viberLog.code).toBe('VIBER_MESSAGE_LOG_NOT_EXISTS');
  const told: Data[] = [];
  await new Promise<void>((resolve, reject) => {
    client.subscription(subscription, variables).subscribe(({ data, error }) => {
      if (error) return reject(error);
      told.push(data);
      if (told.length === 11) resolve();
    });
  });
  expectWholeStory(told);
  await webSocket.dispose();
});
