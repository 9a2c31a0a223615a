/**
 * The example operations that GraphiQL opens, one in each tab.
 */

export type GraphiQLExamples = {
  /** The first operation queries the first of these ids, the second one all of them. */
  exampleRequestIds: readonly string[];
  /** The example subscription follows this id. */
  exampleLiveRequestId: string;
};

export function exampleOperations({ exampleRequestIds, exampleLiveRequestId }: GraphiQLExamples): string[] {
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
