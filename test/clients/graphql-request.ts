import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import { GraphQLClient } from 'graphql-request';
import { documentId } from './documents/logs.ts';

/** `rawRequest` returns the errors beside the data; `request` would drop them. */
export function asker(url: string, token: string) {
  // Without it, one log that fails rejects the whole list.
  const options = { headers: { authorization: `Bearer ${token}` }, errorPolicy: 'all' } as const;
  const client = new GraphQLClient(url, options);
  return <Data, Variables extends object>(document: TypedDocumentNode<Data, Variables>, variables: Variables) =>
    client.rawRequest<Data>(print(document), variables);
}

/** graphql-request knows texts only: here the id takes the place of the text, and a name of its own in the request. */
export function trustedAsker(url: string, token: string) {
  const client = new GraphQLClient(url, {
    headers: { authorization: `Bearer ${token}` },
    errorPolicy: 'all',
    excludeOperationName: true,
    jsonSerializer: {
      parse: JSON.parse,
      stringify: ({ query, ...rest }) => JSON.stringify({ documentId: query, ...rest }),
    },
  });
  return <Data, Variables extends object>(document: TypedDocumentNode<Data, Variables>, variables: Variables) =>
    client.rawRequest<Data>(documentId(document), variables);
}
