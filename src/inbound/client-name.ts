/**
 * The name by which a client introduces itself, for the operator's log: of Apollo's clients, and of others that send the same header.
 */
import type { IncomingHttpHeaders } from 'node:http';

const longestName = 64;

/** The client chose it: what is not printable ASCII is no name. */
export function clientNameOf({ 'apollographql-client-name': name }: IncomingHttpHeaders): string | undefined {
  return typeof name === 'string' && /^[ -~]+$/.test(name) ? name.slice(0, longestName) : undefined;
}
