/* eslint-disable */
import * as types from './graphql.ts';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  query Logs($requestIds: [ID!]!) {\n    viberLogs(requestIds: $requestIds) {\n      ... on ViberLog { requestId messages { requestId msgId status } }\n      ... on NotFound { requestId }\n      ... on Error { code }\n    }\n  }\n": typeof types.LogsDocument,
    "\n  query Summary($requestId: ID!) {\n    viberLog(requestId: $requestId) {\n      ... on ViberLog { requestId summary { messages delivered undelivered totalCost } }\n      ... on NotFound { requestId code }\n    }\n  }\n": typeof types.SummaryDocument,
    "\n  subscription LiveSummary($requestId: ID!) {\n    viberLog(requestId: $requestId) {\n      ... on ViberLog { requestId summary { messages delivered undelivered totalCost } }\n      ... on NotFound { requestId code }\n    }\n  }\n": typeof types.LiveSummaryDocument,
    "\n  query Page($requestId: ID!, $first: Int, $after: String) {\n    viberLog(requestId: $requestId) {\n      ... on ViberLog {\n        requestId\n        messagesConnection(first: $first, after: $after) {\n          edges { node { requestId msgId status } }\n          pageInfo { hasNextPage endCursor }\n        }\n      }\n    }\n  }\n": typeof types.PageDocument,
};
const documents: Documents = {
    "\n  query Logs($requestIds: [ID!]!) {\n    viberLogs(requestIds: $requestIds) {\n      ... on ViberLog { requestId messages { requestId msgId status } }\n      ... on NotFound { requestId }\n      ... on Error { code }\n    }\n  }\n": types.LogsDocument,
    "\n  query Summary($requestId: ID!) {\n    viberLog(requestId: $requestId) {\n      ... on ViberLog { requestId summary { messages delivered undelivered totalCost } }\n      ... on NotFound { requestId code }\n    }\n  }\n": types.SummaryDocument,
    "\n  subscription LiveSummary($requestId: ID!) {\n    viberLog(requestId: $requestId) {\n      ... on ViberLog { requestId summary { messages delivered undelivered totalCost } }\n      ... on NotFound { requestId code }\n    }\n  }\n": types.LiveSummaryDocument,
    "\n  query Page($requestId: ID!, $first: Int, $after: String) {\n    viberLog(requestId: $requestId) {\n      ... on ViberLog {\n        requestId\n        messagesConnection(first: $first, after: $after) {\n          edges { node { requestId msgId status } }\n          pageInfo { hasNextPage endCursor }\n        }\n      }\n    }\n  }\n": types.PageDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Logs($requestIds: [ID!]!) {\n    viberLogs(requestIds: $requestIds) {\n      ... on ViberLog { requestId messages { requestId msgId status } }\n      ... on NotFound { requestId }\n      ... on Error { code }\n    }\n  }\n"): (typeof documents)["\n  query Logs($requestIds: [ID!]!) {\n    viberLogs(requestIds: $requestIds) {\n      ... on ViberLog { requestId messages { requestId msgId status } }\n      ... on NotFound { requestId }\n      ... on Error { code }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Summary($requestId: ID!) {\n    viberLog(requestId: $requestId) {\n      ... on ViberLog { requestId summary { messages delivered undelivered totalCost } }\n      ... on NotFound { requestId code }\n    }\n  }\n"): (typeof documents)["\n  query Summary($requestId: ID!) {\n    viberLog(requestId: $requestId) {\n      ... on ViberLog { requestId summary { messages delivered undelivered totalCost } }\n      ... on NotFound { requestId code }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription LiveSummary($requestId: ID!) {\n    viberLog(requestId: $requestId) {\n      ... on ViberLog { requestId summary { messages delivered undelivered totalCost } }\n      ... on NotFound { requestId code }\n    }\n  }\n"): (typeof documents)["\n  subscription LiveSummary($requestId: ID!) {\n    viberLog(requestId: $requestId) {\n      ... on ViberLog { requestId summary { messages delivered undelivered totalCost } }\n      ... on NotFound { requestId code }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Page($requestId: ID!, $first: Int, $after: String) {\n    viberLog(requestId: $requestId) {\n      ... on ViberLog {\n        requestId\n        messagesConnection(first: $first, after: $after) {\n          edges { node { requestId msgId status } }\n          pageInfo { hasNextPage endCursor }\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query Page($requestId: ID!, $first: Int, $after: String) {\n    viberLog(requestId: $requestId) {\n      ... on ViberLog {\n        requestId\n        messagesConnection(first: $first, after: $after) {\n          edges { node { requestId msgId status } }\n          pageInfo { hasNextPage endCursor }\n        }\n      }\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;