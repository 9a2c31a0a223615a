/**
 * What the contenders are asked, in the words of each, and what they must answer: what the upstream says of the same ids.
 */
export type Question = { requestIds: readonly string[]; isPage: boolean; isSummary?: boolean };

export const askOne = (requestId: string): Question => ({ requestIds: [requestId], isPage: false });
export const askPage = (requestIds: readonly string[]): Question => ({ requestIds, isPage: true });
export const askSummary = (requestId: string): Question => ({
  requestIds: [requestId],
  isPage: false,
  isSummary: true,
});

const selection = `
  __typename
  ... on ViberLog {
    requestId totalRecipients channel
    messages { msgId country recipient status rawStatus numberOfViberMessage viberCost scheduleTime }
  }
  ... on NotFound { requestId code message }
`;
const one = `query One($requestId: ID!) { viberLog(requestId: $requestId) { ${selection} } }`;
const summary = `query Summary($requestId: ID!) { viberLog(requestId: $requestId) {
  __typename
  ... on ViberLog { requestId summary { messages delivered sent undelivered parts totalCost messagesWithoutCost } }
} }`;
const page = `query Page($requestIds: [ID!]!) { viberLogs(requestIds: $requestIds) { ${selection} } }`;

/** Hive Gateway's schema is the OpenAPI document's: D7's own names, and one field for each id. */
const hiveSelection = `
  __typename
  ... on ViberLog {
    request_id total_recipients channel
    messages { msg_id country recipient status number_of_viber_message viber_cost schedule_time }
  }
  ... on NotFound { detail { code message } }
`;
const hiveQueries = new Map<number, string>();

export function bodyFor(contender: string, { requestIds, isPage, isSummary }: Question): string {
  if (contender === 'hive-gateway') {
    const variables = Object.fromEntries(requestIds.map((requestId, index) => [`id${index}`, requestId]));
    return JSON.stringify({ query: hiveQueryOf(requestIds.length), variables });
  }
  if (isPage) return JSON.stringify({ query: page, variables: { requestIds } });
  if (isSummary) return JSON.stringify({ query: summary, variables: { requestId: requestIds[0], isSummary } });
  return JSON.stringify({ query: one, variables: { requestId: requestIds[0] } });
}

function hiveQueryOf(count: number): string {
  const known = hiveQueries.get(count);
  if (known) return known;
  const indexes = Array.from({ length: count }, (_, index) => index);
  const variables = indexes.map((index) => `$id${index}: String!`).join(', ');
  const fields = indexes.map((index) => `log${index}: viber_log(request_id: $id${index}) { ${hiveSelection} }`);
  const query = `query Logs(${variables}) { ${fields.join('\n')} }`;
  hiveQueries.set(count, query);
  return query;
}

type D7Message = { status: string; [name: string]: unknown };
type D7Answer = {
  request_id?: string;
  total_recipients?: number;
  channel?: string;
  messages?: D7Message[];
  detail?: { code: string; message: string };
};

/** One item for each id, as this gateway would answer it. */
export function itemsIn(contender: string, { requestIds, isPage }: Question, answer: string): unknown[] {
  const { data } = JSON.parse(answer);
  if (contender !== 'hive-gateway') return isPage ? data.viberLogs : [data.viberLog];
  return requestIds.map((requestId, index) => itemOf(requestId, data[`log${index}`]));
}

/** What the upstream's answer for an id has to become. */
export function itemOf(requestId: string, answer: D7Answer, { isSummary = false }: Partial<Question> = {}): unknown {
  const { detail, messages = [], ...log } = answer;
  if (isSummary) return { __typename: 'ViberLog', requestId: log.request_id, summary: summaryOf(messages) };
  if (detail) return { __typename: 'NotFound', requestId, code: detail.code, message: detail.message };
  return {
    __typename: 'ViberLog',
    requestId: log.request_id,
    totalRecipients: log.total_recipients,
    channel: log.channel,
    messages: messages.map((message) => ({
      msgId: message.msg_id,
      country: message.country,
      recipient: message.recipient,
      status: message.status.toUpperCase(),
      rawStatus: message.status,
      numberOfViberMessage: message.number_of_viber_message,
      viberCost: message.viber_cost,
      scheduleTime: message.schedule_time,
    })),
  };
}

function summaryOf(messages: readonly D7Message[]): unknown {
  const count = (status: string) => messages.filter((message) => message.status === status).length;
  const costs = messages.flatMap(({ viber_cost }) =>
    viber_cost === null ? [] : [Math.round(Number(viber_cost) * 1e6)],
  );
  return {
    messages: messages.length,
    delivered: count('delivered'),
    sent: count('sent'),
    undelivered: count('undelivered'),
    parts: messages.reduce((sum, message) => sum + Number(message.number_of_viber_message), 0),
    totalCost: costs.reduce((sum, cost) => sum + cost, 0) / 1e6,
    messagesWithoutCost: messages.length - costs.length,
  };
}
