/** What the contenders are asked, in the words of each. */
import { sha256Of } from '../../src/graphql/manifest.ts';
import { isGateway } from './gateways.ts';

export type Question = { requestIds: readonly string[]; kind: QuestionKind };
export type QuestionKind = 'one' | 'trusted' | 'page' | 'summary' | 'entities';

const askFor =
  (kind: QuestionKind) =>
  (requestId: string): Question => ({ requestIds: [requestId], kind });
export const askOne = askFor('one');
export const askTrusted = askFor('trusted');
export const askSummary = askFor('summary');
export const askPage = (requestIds: readonly string[]): Question => ({ requestIds, kind: 'page' });
export const askEntities = (requestIds: readonly string[]): Question => ({ requestIds, kind: 'entities' });

const selection = `
  __typename
  ... on ViberLog {
    requestId totalRecipients channel
    messages { msgId country recipient status rawStatus numberOfViberMessage viberCost scheduleTime }
  }
  ... on NotFound { requestId code message }
`;
/** Also the one that the gateway trusts, see trusted.ts. */
export const one = `query One($requestId: ID!) { viberLog(requestId: $requestId) { ${selection} } }`;
/** A log that changes. */
export const subscribeToOne = `subscription One($requestId: ID!) { viberLog(requestId: $requestId) { ${selection} } }`;
const summary = `query Summary($requestId: ID!) { viberLog(requestId: $requestId) {
  __typename
  ... on ViberLog { requestId summary { messages delivered sent undelivered parts totalCost messagesWithoutCost } }
} }`;
const page = `query Page($requestIds: [ID!]!) { viberLogs(requestIds: $requestIds) { ${selection} } }`;
/** As a router asks: it names the operation, and knows the entities from another subgraph. */
const entities = `query Orders__viber_log__1($representations: [_Any!]!) {
  _entities(representations: $representations) { ... on ViberRequest { log { ${selection} } } }
}`;

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

export function bodyFor(contender: string, { requestIds, kind }: Question): string {
  const [requestId] = requestIds;
  if (contender === 'hive-gateway') {
    const variables = Object.fromEntries(requestIds.map((id, index) => [`id${index}`, id]));
    return JSON.stringify({ query: hiveQueryOf(requestIds.length), variables });
  }
  if (kind === 'trusted' && isGateway(contender)) {
    return JSON.stringify({ documentId: sha256Of(one), variables: { requestId } });
  }
  if (kind === 'page') return JSON.stringify({ query: page, variables: { requestIds } });
  if (kind === 'summary') return JSON.stringify({ query: summary, variables: { requestId, isSummary: true } });
  if (kind === 'entities') {
    const representations = requestIds.map((id) => ({ __typename: 'ViberRequest', requestId: id }));
    return JSON.stringify({ query: entities, operationName: 'Orders__viber_log__1', variables: { representations } });
  }
  return JSON.stringify({ query: one, variables: { requestId } });
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
