import { Client, fetchExchange } from '@urql/core';
import { cacheExchange } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import { persistedExchange } from '@urql/exchange-persisted';
import { documentId, liveSummary } from './documents/logs.ts';

/** Parts of a log that have no key: null embeds them in their parent. */
const embedded = () => null;

const cache = () =>
  cacheExchange({
    possibleTypes: { ViberLogResult: ['ViberLog', 'NotFound'], Error: ['NotFound'] },
    keys: {
      ViberLog: ({ requestId }) => requestId as string,
      ViberMessage: ({ requestId, msgId }) => `${requestId}:${msgId}`,
      NotFound: ({ requestId }) => requestId as string,
      ViberLogSummary: embedded,
      ViberCountrySummary: embedded,
      ViberMessageConnection: embedded,
      ViberMessageEdge: embedded,
      PageInfo: embedded,
    },
    resolvers: { ViberLog: { messagesConnection: relayPagination() } },
  });

/** Registers queries by their hash (APQ). A subscription sends its text: when its hash is not known, the exchange starts it twice. */
const registered = persistedExchange({ preferGetForPersistedQueries: false });
const trusted = persistedExchange({
  preferGetForPersistedQueries: false,
  enableForSubscriptions: true,
  enforcePersistedQueries: true,
  generateHash: async (_text, document) => documentId(document),
});

export function urqlClient(url: string, token: string, documents: 'text' | 'registered' | 'trusted' = 'text') {
  const named = { text: [], registered: [registered], trusted: [trusted] }[documents];
  return new Client({
    url,
    preferGetMethod: false,
    fetchSubscriptions: true,
    fetchOptions: { headers: { authorization: `Bearer ${token}` } },
    exchanges: [cache(), ...named, fetchExchange],
  });
}

// The figures of a log in one sentence, live.
export const followFigures = (client: Client, requestId: string, show: (sentence: string) => void) =>
  client.subscription(liveSummary, { requestId }).subscribe(({ data }) => {
    const now = data?.viberLog?.__typename === 'ViberLog' && data.viberLog.summary;
    if (now) show(`${now.delivered} of ${now.messages} delivered, ${now.totalCost} spent, ${now.undelivered} failed`);
  });
