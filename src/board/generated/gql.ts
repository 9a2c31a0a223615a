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
    "subscription FollowLog($requestId: ID!) {\n  viberLog(requestId: $requestId) {\n    __typename\n    ... on ViberLog {\n      totalRecipients\n      fetchedAt\n      summary {\n        messages\n        delivered\n        sent\n        undelivered\n        unknown\n        final\n        deliveryRate\n        parts\n        totalCost\n        messagesWithoutCost\n        byCountry {\n          country\n          messages\n          delivered\n          sent\n          undelivered\n          unknown\n          deliveryRate\n          totalCost\n        }\n      }\n    }\n  }\n}\n\nquery CheckLog($requestId: ID!) {\n  viberLog(requestId: $requestId) {\n    __typename\n  }\n}\n\nquery LogRows($requestId: ID!, $filter: ViberMessageFilter, $first: Int, $after: String, $last: Int, $before: String) {\n  viberLog(requestId: $requestId) {\n    __typename\n    ... on ViberLog {\n      messagesConnection(\n        first: $first\n        after: $after\n        last: $last\n        before: $before\n        filter: $filter\n      ) {\n        totalCount\n        nodes {\n          msgId\n          country\n          recipient\n          status\n          rawStatus\n          numberOfViberMessage\n          viberCost\n          scheduleTime\n        }\n        pageInfo {\n          hasNextPage\n          hasPreviousPage\n          startCursor\n          endCursor\n        }\n      }\n    }\n  }\n}": typeof types.FollowLogDocument,
};
const documents: Documents = {
    "subscription FollowLog($requestId: ID!) {\n  viberLog(requestId: $requestId) {\n    __typename\n    ... on ViberLog {\n      totalRecipients\n      fetchedAt\n      summary {\n        messages\n        delivered\n        sent\n        undelivered\n        unknown\n        final\n        deliveryRate\n        parts\n        totalCost\n        messagesWithoutCost\n        byCountry {\n          country\n          messages\n          delivered\n          sent\n          undelivered\n          unknown\n          deliveryRate\n          totalCost\n        }\n      }\n    }\n  }\n}\n\nquery CheckLog($requestId: ID!) {\n  viberLog(requestId: $requestId) {\n    __typename\n  }\n}\n\nquery LogRows($requestId: ID!, $filter: ViberMessageFilter, $first: Int, $after: String, $last: Int, $before: String) {\n  viberLog(requestId: $requestId) {\n    __typename\n    ... on ViberLog {\n      messagesConnection(\n        first: $first\n        after: $after\n        last: $last\n        before: $before\n        filter: $filter\n      ) {\n        totalCount\n        nodes {\n          msgId\n          country\n          recipient\n          status\n          rawStatus\n          numberOfViberMessage\n          viberCost\n          scheduleTime\n        }\n        pageInfo {\n          hasNextPage\n          hasPreviousPage\n          startCursor\n          endCursor\n        }\n      }\n    }\n  }\n}": types.FollowLogDocument,
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
export function graphql(source: "subscription FollowLog($requestId: ID!) {\n  viberLog(requestId: $requestId) {\n    __typename\n    ... on ViberLog {\n      totalRecipients\n      fetchedAt\n      summary {\n        messages\n        delivered\n        sent\n        undelivered\n        unknown\n        final\n        deliveryRate\n        parts\n        totalCost\n        messagesWithoutCost\n        byCountry {\n          country\n          messages\n          delivered\n          sent\n          undelivered\n          unknown\n          deliveryRate\n          totalCost\n        }\n      }\n    }\n  }\n}\n\nquery CheckLog($requestId: ID!) {\n  viberLog(requestId: $requestId) {\n    __typename\n  }\n}\n\nquery LogRows($requestId: ID!, $filter: ViberMessageFilter, $first: Int, $after: String, $last: Int, $before: String) {\n  viberLog(requestId: $requestId) {\n    __typename\n    ... on ViberLog {\n      messagesConnection(\n        first: $first\n        after: $after\n        last: $last\n        before: $before\n        filter: $filter\n      ) {\n        totalCount\n        nodes {\n          msgId\n          country\n          recipient\n          status\n          rawStatus\n          numberOfViberMessage\n          viberCost\n          scheduleTime\n        }\n        pageInfo {\n          hasNextPage\n          hasPreviousPage\n          startCursor\n          endCursor\n        }\n      }\n    }\n  }\n}"): (typeof documents)["subscription FollowLog($requestId: ID!) {\n  viberLog(requestId: $requestId) {\n    __typename\n    ... on ViberLog {\n      totalRecipients\n      fetchedAt\n      summary {\n        messages\n        delivered\n        sent\n        undelivered\n        unknown\n        final\n        deliveryRate\n        parts\n        totalCost\n        messagesWithoutCost\n        byCountry {\n          country\n          messages\n          delivered\n          sent\n          undelivered\n          unknown\n          deliveryRate\n          totalCost\n        }\n      }\n    }\n  }\n}\n\nquery CheckLog($requestId: ID!) {\n  viberLog(requestId: $requestId) {\n    __typename\n  }\n}\n\nquery LogRows($requestId: ID!, $filter: ViberMessageFilter, $first: Int, $after: String, $last: Int, $before: String) {\n  viberLog(requestId: $requestId) {\n    __typename\n    ... on ViberLog {\n      messagesConnection(\n        first: $first\n        after: $after\n        last: $last\n        before: $before\n        filter: $filter\n      ) {\n        totalCount\n        nodes {\n          msgId\n          country\n          recipient\n          status\n          rawStatus\n          numberOfViberMessage\n          viberCost\n          scheduleTime\n        }\n        pageInfo {\n          hasNextPage\n          hasPreviousPage\n          startCursor\n          endCursor\n        }\n      }\n    }\n  }\n}"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;