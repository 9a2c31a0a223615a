/**
 * Lets the document of a request wait for its turn, before Yoga parses it. Plug-ins cannot wait where it does.
 */
import type { Plugin } from 'graphql-yoga';
import type { ServerContext } from '../graphql/context.ts';
import type { DocumentTurns } from '../graphql/document-turns.ts';

export function useDocumentTurns(turns: DocumentTurns): Plugin<object, ServerContext> {
  return {
    onRequestParse({ requestParser, setRequestParser, serverContext: { operation } }) {
      if (!requestParser) return;
      setRequestParser(async (request) => {
        const params = await requestParser(request);
        if ('query' in params && typeof params.query === 'string') await turns.turnFor(params.query, operation);
        return params;
      });
    },
  };
}
