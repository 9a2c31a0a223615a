/**
 * Lets an operation over WebSocket name its document in place of a query. The protocol's server closes the connection on a payload without
 * a query, but knows an empty one.
 */

/** In most messages: a query that is a text, before any other object. What follows it cannot take it away. */
const hasQuery = /"payload"\s*:\s*\{[^{}]*"query"\s*:\s*"/;

/** @param idParams the parameters that may name a document, beside `extensions`. */
export function withQuery(text: string, idParams: readonly string[]): string {
  if (hasQuery.test(text)) return text;
  const message = messageIn(text);
  const payload = message?.payload;
  if (message?.type !== 'subscribe' || payload?.query != null) return text;
  const names = [...idParams.map((name) => payload?.[name]), payload?.extensions?.persistedQuery];
  if (names.every((name) => name == null)) return text;
  return JSON.stringify({ ...message, payload: { ...payload, query: '' } });
}

type Message = { type?: unknown; payload?: (Payload & Record<string, unknown>) | null };
type Payload = { query?: unknown; extensions?: { persistedQuery?: unknown } | null };

/** Its parts may be anything. */
function messageIn(text: string): Message | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
