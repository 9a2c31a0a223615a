/**
 * The end of a connection whose body was too large. Yoga refuses such a body as it reads it; Node would go on reading the
 * rest of it, to keep the connection for the next request.
 */
import type { Plugin } from 'graphql-yoga';

export function useCloseAfterTooLarge(): Plugin {
  return {
    onResponse({ response }) {
      if (response.status === 413) response.headers.set('connection', 'close');
    },
  };
}
