/**
 * Refuses what Yoga would misread: a compressed body. And answers 400 to requests that Yoga cannot parse, such as a query string whose
 * variables are not JSON, or a malformed form. Yoga's parsers throw a SyntaxError, which Yoga would answer with 500.
 */
import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { publicError } from '../graphql/errors.ts';

export function useReadableRequests(): Plugin {
  return {
    onRequestParse({ request, requestParser, setRequestParser }) {
      if (hasContentCoding(request)) throw publicError('contentCodingUnknown');
      if (!requestParser) return;
      setRequestParser(async (request) => {
        try {
          const params = await requestParser(request);
          const hasQuery = 'query' in params && params.query;
          return !hasQuery && isEmptyInTarget(request) ? { ...params, query: '' } : params;
        } catch (error) {
          // Yoga's own GraphQLErrors already have a message and a status: for a body that is too large, or not JSON.
          throw error instanceof GraphQLError ? error : unreadable();
        }
      });
    },
  };
}

/** RFC 9110, section 8.4. A request without a body may have the header nevertheless. */
function hasContentCoding({ method, headers }: Request): boolean {
  const coding = headers.get('content-encoding') ?? 'identity';
  return method === 'POST' && coding.trim().toLowerCase() !== 'identity';
}

/** A query string may have an empty query, which is an empty document. Yoga takes it for none. */
function isEmptyInTarget({ method, url }: Request): boolean {
  return method === 'GET' && new URL(url).searchParams.get('query') === '';
}

function unreadable(): GraphQLError {
  const extensions = { code: 'BAD_REQUEST', http: { status: 400 } };
  return new GraphQLError('The request has no GraphQL parameters that can be read.', { extensions });
}
