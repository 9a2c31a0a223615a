import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { relayStylePagination } from '@apollo/client/utilities';
import { type Client, createClient } from 'graphql-ws';
import { documentId, liveSummary, logs } from './documents/logs.ts';

const cache = () =>
  new InMemoryCache({
    possibleTypes: { ViberLogResult: ['ViberLog', 'NotFound'], Error: ['NotFound'] },
    typePolicies: {
      ViberLog: { keyFields: ['requestId'], fields: { messagesConnection: relayStylePagination(['filter']) } },
      ViberMessage: { keyFields: ['requestId', 'msgId'] },
      NotFound: { keyFields: ['requestId'] },
      // Belongs to its log and has no key: queries with other figures add to it.
      ViberLogSummary: { merge: true },
    },
  });

/** `sha256` registers documents by their hash (APQ); `documentId` names trusted ones. */
export function apolloClient(url: string, token: string, documents: 'text' | 'registered' | 'trusted' = 'text') {
  const Authorization = `Bearer ${token}`;
  const socket = createClient({ url: url.replace(/^http/, 'ws'), connectionParams: { Authorization } });
  const transport = ApolloLink.split(
    ({ operationType }) => operationType === 'subscription',
    new GraphQLWsLink(documents === 'trusted' ? withoutText(socket) : socket),
    new HttpLink({ uri: url, headers: { Authorization } }),
  );
  const named = new PersistedQueryLink(documents === 'trusted' ? { generateHash: documentId } : { sha256 });
  return new ApolloClient({
    cache: cache(),
    link: documents === 'text' ? transport : named.concat(transport),
  });
}

/** GraphQLWsLink always sends the text, which Apollo Client formats in its own way: it is not that of the manifest. */
const withoutText = (socket: Client): Client => ({
  ...socket,
  subscribe: (request, sink) => socket.subscribe({ ...request, query: '' }, sink),
});

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** With another policy, one log that fails takes the others from the caller. */
export const readLogs = (client: ApolloClient, requestIds: string[]) =>
  client.query({ query: logs, variables: { requestIds }, errorPolicy: 'all' });

// The figures of a log in one sentence, live.
export const followFigures = (client: ApolloClient, requestId: string, show: (sentence: string) => void) =>
  client.subscribe({ query: liveSummary, variables: { requestId } }).subscribe(({ data }) => {
    const now = data?.viberLog?.__typename === 'ViberLog' && data.viberLog.summary;
    if (now) show(`${now.delivered} of ${now.messages} delivered, ${now.totalCost} spent, ${now.undelivered} failed`);
  });
