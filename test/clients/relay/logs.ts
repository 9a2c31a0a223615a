/** The operations of the Relay recipe, as a frontend has them: the compiler's plugin replaces each by the file that the compiler wrote. */
import { graphql } from 'relay-runtime';

export const logs = graphql`
  query logsQuery($requestIds: [ID!]!) {
    viberLogs(requestIds: $requestIds) {
      __typename
      ... on ViberLog { requestId messages { requestId msgId status } }
      ... on NotFound { requestId }
      ... on Error { code }
    }
  }
`;

export const summary = graphql`
  query logsSummaryQuery($requestId: ID!) {
    viberLog(requestId: $requestId) @catch(to: RESULT) {
      __typename
      ... on ViberLog { requestId summary { messages delivered undelivered totalCost } }
      ... on NotFound { requestId code }
    }
  }
`;

export const liveSummary = graphql`
  subscription logsSubscription($requestId: ID!) {
    viberLog(requestId: $requestId) {
      __typename
      ... on ViberLog { requestId summary { messages delivered undelivered totalCost } }
      ... on NotFound { requestId code }
    }
  }
`;

export const page = graphql`
  query logsPageQuery($requestId: ID!, $first: Int, $after: String) {
    viberLog(requestId: $requestId) {
      ... on ViberLog {
        requestId
        messagesConnection(first: $first, after: $after) @connection(key: "logs_messagesConnection") {
          edges { node { requestId msgId status } }
        }
      }
    }
  }
`;
