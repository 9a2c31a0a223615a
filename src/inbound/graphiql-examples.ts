/**
 * The example operations that GraphiQL opens, one in each tab.
 */

export type GraphiQLExamples = {
  /** The first operation queries the first of these ids, the second one all of them. */
  exampleRequestIds: readonly string[];
  /** Of a log with so many messages that a summary or a page is better than the list. */
  exampleLargeRequestId: string;
  /** The example subscriptions follow this id. */
  exampleLiveRequestId: string;
};

export function exampleOperations({
  exampleRequestIds,
  exampleLargeRequestId,
  exampleLiveRequestId,
}: GraphiQLExamples): string[] {
  return [
    `# One delivery log. Press play, or Ctrl-Enter.
query OneLog {
  viberLog(requestId: ${JSON.stringify(exampleRequestIds[0])}) {
    __typename
    ... on ViberLog {
      requestId
      totalRecipients
      channel
      messages {
        msgId
        country
        recipient
        status
        numberOfViberMessage
        viberCost
        scheduleTime
      }
    }
    ... on NotFound {
      code
      message
    }
  }
}
`,
    `# Several logs at once. Each can fail independently.
query SeveralLogs {
  viberLogs(requestIds: [
    ${exampleRequestIds.map((id) => JSON.stringify(id)).join('\n    ')}
  ]) {
    __typename
    ... on ViberLog {
      requestId
      totalRecipients
      messages {
        status
        rawStatus
      }
    }
    ... on NotFound {
      requestId
      code
      message
    }
  }
}
`,
    `# The figures of a log, computed by the gateway: exact costs, by country. A filter counts a part of the messages.
query Summary {
  viberLog(requestId: ${JSON.stringify(exampleLargeRequestId)}) {
    __typename
    ... on ViberLog {
      totalRecipients
      summary {
        messages
        delivered
        sent
        undelivered
        unknown
        final
        progress
        deliveryRate
        totalCost
        messagesWithoutCost
        byCountry {
          country
          messages
          deliveryRate
          totalCost
        }
      }
      toEmirates: summary(filter: { country: ["AE"] }) {
        delivered
        undelivered
      }
    }
    ... on NotFound {
      code
      message
    }
  }
}
`,
    `# The first page of the messages that failed. The next page: after: "<endCursor>".
query FailedMessages {
  viberLog(requestId: ${JSON.stringify(exampleLargeRequestId)}) {
    __typename
    ... on ViberLog {
      messagesConnection(first: 5, filter: { status: [UNDELIVERED] }) {
        totalCount
        nodes {
          recipient
          country
          status
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
    ... on NotFound {
      code
      message
    }
  }
}
`,
    `# Live figures: an event only when one of them has changed.
subscription LiveSummary {
  viberLog(requestId: ${JSON.stringify(exampleLiveRequestId)}) {
    __typename
    ... on ViberLog {
      summary {
        messages
        delivered
        undelivered
        progress
        final
      }
    }
    ... on NotFound {
      code
      message
    }
  }
}
`,
    `# A live log: a new result arrives with each change, until every message is final.
subscription LiveLog {
  viberLog(requestId: ${JSON.stringify(exampleLiveRequestId)}) {
    __typename
    ... on ViberLog {
      fetchedAt
      messages {
        recipient
        status
      }
    }
    ... on NotFound {
      code
      message
    }
  }
}
`,
  ];
}
