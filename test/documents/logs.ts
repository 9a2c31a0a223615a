/** Operations of the tests, as a frontend writes them. `npm run codegen` writes the types of their results to the folder generated. */
import { graphql } from './generated/gql.ts';

export const oneLog = graphql(`
  query OneLog($requestId: ID!) {
    viberLog(requestId: $requestId) {
      __typename
      ... on ViberLog {
        requestId
        fetchedAt
        messages {
          msgId
          status
          viberCost
          scheduleTime
        }
      }
      ... on NotFound {
        requestId
        code
      }
    }
  }
`);

export const severalLogs = graphql(`
  query SeveralLogs($requestIds: [ID!]!) {
    viberLogs(requestIds: $requestIds) {
      __typename
      ... on ViberLog {
        requestId
      }
      ... on NotFound {
        requestId
        code
      }
    }
  }
`);
