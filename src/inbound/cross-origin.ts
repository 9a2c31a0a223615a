/**
 * Cross-origin access (CORS): pages of other origins have none unless their origin is listed. Credentials are never allowed, since pages
 * set the header with the token themselves.
 */
import type { IncomingMessage } from 'node:http';
import { useCSRFPrevention } from '@graphql-yoga/plugin-csrf-prevention';
import type { CORSOptions, Plugin } from 'graphql-yoga';
import { publicError } from '../graphql/errors.ts';

/** Yoga's option `cors`, which Yoga calls for each request. A response to an origin that is not listed has no CORS headers. */
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

/** Browsers apply neither preflights nor CORS to WebSockets, so the server checks the origin in the handshake. */
export function mayOpenWebSocket(request: IncomingMessage, origins: readonly string[]): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined) return true;
  return origins.includes(origin) || URL.parse(origin)?.host === host;
}

/** Without `Vary`, a cache could serve one origin the response to another. */
export function useVaryByOrigin(origins: readonly string[]): Plugin {
  return {
    onResponse({ response }) {
      if (origins.length > 0) response.headers.append('vary', 'Origin');
    },
  };
}

/** Each of these makes a browser send a preflight: Yoga's own header, and two of Apollo's clients. */
const preflightHeaders = ['x-graphql-yoga-csrf', 'apollo-require-preflight', 'x-apollo-operation-name'];

/** Replaces the plug-in's error, which has no code. */
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
