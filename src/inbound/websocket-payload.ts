/**
 * Lets an operation over WebSocket name its document in place of a query. The protocol's server closes the connection on a payload without
 * a query, but knows an empty one.
 */

/**
 * The protocol's server keeps what it is given as long as the operation: the message, whose parts can be dropped, and not its text.
 *
 * @param idParams the parameters that may name a document, beside `extensions`.
 * @returns the text where it is no object: the server closes the connection then.
 */
export function messageOf(text: string, idParams: readonly string[]): object | string {
  const message = messageIn(text);
  if (typeof message !== 'object' || message === null) return text;
  const { type, payload } = message;
  if (type !== 'subscribe' || payload?.query != null) return message;
  const names = [...idParams.map((name) => payload?.[name]), payload?.extensions?.persistedQuery];
  return names.every((name) => name == null) ? message : { ...message, payload: { ...payload, query: '' } };
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
