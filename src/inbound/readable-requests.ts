/**
 * Requests that Yoga cannot parse are faults of the client: variables that are no JSON in a query string, a form that is broken.
 * Yoga's parsers throw a SyntaxError there, which it would answer as a fault of its own, with 500.
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
          // A body of application/graphql is the query, and Yoga does not ask whether there is one.
          if ('query' in params && params.query === '') throw unreadable();
          return params;
        } catch (error) {
          // What has words of its own keeps them: a body that is too large, one that is no JSON.
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
