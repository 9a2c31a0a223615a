/**
 * Cross-origin access (CORS): pages of other origins have none unless their origin is listed. Credentials are never allowed, since pages
 * set the header with the token themselves.
 */
import type { IncomingMessage } from 'node:http';
import { useCSRFPrevention } from '@graphql-yoga/plugin-csrf-prevention';
import type { CORSOptions, Plugin } from 'graphql-yoga';
import { publicError } from '../graphql/errors.ts';
import { clientViewOf, type TrustedProxies } from './forwarded.ts';

/** Yoga's option `cors`, which Yoga calls for each request. A response to an origin that is not listed has no CORS headers. */
export function corsFor(origins: readonly string[]): false | ((request: Request) => CORSOptions) {
  if (origins.length === 0) return false;
  return (request) => {
    const origin = request.headers.get('origin');
    if (origin === null || !isListed(origin, origins)) return false;
    return {
      // As the browser sent it: it compares the text.
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
        ...clientHeaders,
        ...preflightHeaders,
      ],
      exposedHeaders: ['x-request-id', 'retry-after', 'ratelimit', 'ratelimit-policy'],
      maxAge: 600,
    };
  };
}

/** Asks whether a page of an origin that is not listed may send a request: browsers show only that it failed, so the refusal says why. */
export function isUnlistedPreflight({ method, headers }: IncomingMessage, origins: readonly string[]): boolean {
  const { origin, 'access-control-request-method': wanted } = headers;
  return method === 'OPTIONS' && origin !== undefined && wanted !== undefined && !isListed(origin, origins);
}

/** Browsers apply neither preflights nor CORS to WebSockets, so the server checks the origin in the handshake. */
export function mayOpenWebSocket(
  request: IncomingMessage,
  origins: readonly string[],
  trusted: TrustedProxies,
): boolean {
  const { origin } = request.headers;
  if (origin === undefined || isListed(origin, origins)) return true;
  const own = URL.parse(origin);
  const { host, scheme } = clientViewOf(request, trusted);
  if (own === null || (scheme !== undefined && own.protocol !== `${scheme}:`)) return false;
  return URL.parse(`${own.protocol}//${host}`)?.host === own.host;
}

/** In normal form, without a default port and in lower case (RFC 3986, section 6.2): the settings have no other. */
function isListed(origin: string, origins: readonly string[]): boolean {
  return origins.includes(URL.parse(origin)?.origin ?? origin);
}

/** Without `Vary`, a cache could serve one origin the response to another. */
export function useVaryByOrigin(origins: readonly string[]): Plugin {
  return {
    onResponse({ response }) {
      if (origins.length > 0) response.headers.append('vary', 'Origin');
    },
  };
}

/** Apollo's clients introduce themselves with these. */
const clientHeaders = ['apollographql-client-name', 'apollographql-client-version'];

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
