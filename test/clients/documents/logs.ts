/** The operations of the recipes. `npm run codegen` writes the folder generated: their types, and the manifest of trusted documents. */
import type { DocumentNode } from 'graphql';
import { graphql } from './generated/gql.ts';

export const logs = graphql(`
  query Logs($requestIds: [ID!]!) {
    viberLogs(requestIds: $requestIds) {
      ... on ViberLog { requestId messages { requestId msgId status } }
      ... on NotFound { requestId }
      ... on Error { code }
    }
  }
`);

export const summary = graphql(`
  query Summary($requestId: ID!) {
    viberLog(requestId: $requestId) {
      ... on ViberLog { requestId summary { messages delivered undelivered totalCost } }
      ... on NotFound { requestId code }
    }
  }
`);

export const liveSummary = graphql(`
  subscription LiveSummary($requestId: ID!) {
    viberLog(requestId: $requestId) {
      ... on ViberLog { requestId summary { messages delivered undelivered totalCost } }
      ... on NotFound { requestId code }
    }
  }
`);

export const page = graphql(`
  query Page($requestId: ID!, $first: Int, $after: String) {
    viberLog(requestId: $requestId) {
      ... on ViberLog {
        requestId
        messagesConnection(first: $first, after: $after) {
          edges { node { requestId msgId status } }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  }
`);

/** The id of a document in the manifest: codegen puts it into the document. */
export function documentId(document: DocumentNode): string {
  return (document as DocumentNode & { __meta__: { hash: string } }).__meta__.hash;
}
