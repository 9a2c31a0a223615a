/**
 * The hash of a query in place of the query. Clients with automatic persisted queries send it first, and the whole query after a refusal.
 */

/** The query may be empty: the protocol of WebSocket requires one. */
export function isHashAlone(params: unknown): boolean {
  const { query, extensions } = params as { query?: unknown; extensions?: { persistedQuery?: unknown } | null };
  return (query == null || query === '') && typeof extensions === 'object' && extensions?.persistedQuery != null;
}

/** The protocol's server closes the connection on a payload without a query, and all other operations with it. */
export function withQuery(message: string): string {
  if (!message.includes('"persistedQuery"')) return message;
  const { payload, ...rest } = objectIn(message);
  if (typeof payload !== 'object' || payload === null || !isHashAlone(payload)) return message;
  return JSON.stringify({ ...rest, payload: { ...payload, query: '' } });
}

/** What is no JSON is for the protocol's server to refuse. */
function objectIn(message: string): { payload?: unknown } {
  try {
    return JSON.parse(message) ?? {};
  } catch {
    return {};
  }
}
