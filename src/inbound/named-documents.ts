/**
 * Gives Yoga the document of a request that names one. Yoga would refuse the parameters by which requests name documents, and of a query
 * string it reads none of them.
 */
import type { GraphQLParams, Plugin } from 'graphql-yoga';
import type { ServerContext } from '../graphql/context.ts';
import type { Documents } from '../graphql/documents.ts';

export function useNamedDocuments({ idParams, documentOf }: Documents): Plugin<object, ServerContext> {
  return {
    onRequestParse({ requestParser, setRequestParser, serverContext: { operation } }) {
      if (!requestParser) return;
      setRequestParser(async (request) => {
        const params = await requestParser(request);
        // Batches are refused later.
        if (params instanceof Response || Array.isArray(params)) return params;
        const all = { ...params, ...idsInTarget(request) };
        const document = documentOf(all, operation);
        return document ? { ...withoutIds(all), query: document.text } : params;
      });
    },
  };

  function idsInTarget({ method, url }: Request): Record<string, string> {
    if (method !== 'GET') return {};
    const target = new URL(url).searchParams;
    return Object.fromEntries(idParams.map((name) => [name, target.get(name)]).filter(([, id]) => id));
  }

  function withoutIds(params: GraphQLParams): GraphQLParams {
    return Object.fromEntries(Object.entries(params).filter(([name]) => !idParams.includes(name)));
  }
}
