/**
 * What pages of other origins may do: nothing, unless their origin is listed; and never with cookies, since the token is a
 * header that a page sets by itself.
 */
import type { IncomingMessage } from 'node:http';
import { useCSRFPrevention } from '@graphql-yoga/plugin-csrf-prevention';
import type { CORSOptions, Plugin } from 'graphql-yoga';
import { publicError } from '../graphql/errors.ts';

/** Yoga's option `cors`. It asks for each request, and an origin that is not listed gets no header at all. */
export function corsFor(origins: readonly string[]): false | ((request: Request) => CORSOptions) {
  if (origins.length === 0) return false;
  return (request) => {
    const origin = request.headers.get('origin');
    if (origin === null || !origins.includes(origin)) return false;
    return {
      origin: [origin],
      credentials: false,
      methods: ['GET', 'POST'],
      allowedHeaders: [
        'authorization',
        'content-type',
        'cache-control',
        'x-request-id',
        'traceparent',
        'tracestate',
        ...preflightHeaders,
      ],
      exposedHeaders: ['x-request-id'],
      maxAge: 600,
    };
  };
}

/** A WebSocket has no preflight, and its answers are kept from nobody: the origin decides before it is opened. */
export function mayOpenWebSocket(request: IncomingMessage, origins: readonly string[]): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined) return true;
  return origins.includes(origin) || URL.parse(origin)?.host === host;
}

/** An answer that depends on the origin says so, to every origin: otherwise a cache would give one the answer of another. */
export function useVaryByOrigin(origins: readonly string[]): Plugin {
  return {
    onResponse({ response }) {
      if (origins.length > 0) response.headers.append('vary', 'Origin');
    },
  };
}

/** Any of these makes a browser ask first (a preflight): Yoga's own, and the two of Apollo's clients. */
const preflightHeaders = ['x-graphql-yoga-csrf', 'apollo-require-preflight', 'x-apollo-operation-name'];

/** The plug-in decides; its error has no code, so ours takes its place. */
export function usePreflightedOnly(): Plugin {
  const { onRequestParse } = useCSRFPrevention({ requestHeaders: ['authorization', ...preflightHeaders] });
  return {
    onRequestParse(payload) {
      try {
        return onRequestParse?.(payload);
      } catch {
        throw publicError('noPreflight');
      }
    },
  };
}
