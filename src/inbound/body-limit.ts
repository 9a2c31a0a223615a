/**
 * Closes a connection after a request body that was too large. Yoga stops reading such a body, but Node would read the rest of it, to
 * keep the connection for the next request.
 */
import type { Plugin } from 'graphql-yoga';

export function useCloseAfterTooLarge(): Plugin {
  return {
    onResponse({ response }) {
      if (response.status === 413) response.headers.set('connection', 'close');
    },
  };
}
