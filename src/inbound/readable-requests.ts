/**
 * Answers 400 to requests that Yoga cannot parse, such as a query string whose variables are not JSON, or a malformed form. Yoga's parsers
 * throw a SyntaxError, which Yoga would answer with 500.
 */
import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

export function useReadableRequests(): Plugin {
  return {
    onRequestParse({ requestParser, setRequestParser }) {
      if (!requestParser) return;
      setRequestParser(async (request) => {
        try {
          const params = await requestParser(request);
          // For a body of application/graphql, Yoga does not check that there is a query.
          if ('query' in params && params.query === '') throw unreadable();
          return params;
        } catch (error) {
          // Yoga's own GraphQLErrors already have a message and a status: for a body that is too large, or not JSON.
          throw error instanceof GraphQLError ? error : unreadable();
        }
      });
    },
  };
}

function unreadable(): GraphQLError {
  const extensions = { code: 'BAD_REQUEST', http: { status: 400 } };
  return new GraphQLError('The request has no GraphQL parameters that can be read.', { extensions });
}
