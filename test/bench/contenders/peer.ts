/** What the peers have in common: the same schema, the same call to the upstream, and the same reshaping of its answer. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Pool } from 'undici';

export const typeDefs = `
  type Query {
    viberLog(requestId: ID!): ViberLogResult
    viberLogs(requestIds: [ID!]!): [ViberLogResult]
  }
  union ViberLogResult = ViberLog | NotFound
  type NotFound { requestId: ID! code: String! message: String! }
  type ViberLog {
    requestId: ID! totalRecipients: Int! channel: String! messages: [ViberMessage!]! summary: ViberLogSummary!
  }
  type ViberLogSummary {
    messages: Int! delivered: Int! sent: Int! undelivered: Int! parts: Int! totalCost: Float! messagesWithoutCost: Int!
  }
  type ViberMessage {
    msgId: ID! country: String recipient: String! status: String! rawStatus: String!
    numberOfViberMessage: Int! viberCost: Float! scheduleTime: String
  }
`;

export const port = Number(process.env.PORT);
export const upstreamUrl = process.env.UPSTREAM ?? '';
/** As many as the gateway opens. */
export const pool = new Pool(upstreamUrl, { connections: Number(process.env.CONNECTIONS ?? 512) });
export const pathOf = (requestId: string) => `/report/v1/viber-log/${encodeURIComponent(requestId)}`;

type Body = { request_id: string; total_recipients: number; channel: string; messages: Record<string, never>[] };
type Detail = { detail: { code: string; message: string } };

export async function fetchLog(requestId: string, authorization: string) {
  const { statusCode, body } = await pool.request({
    method: 'GET',
    path: pathOf(requestId),
    headers: { authorization },
  });
  return resultOf(requestId, statusCode, (await body.json()) as Body & Detail);
}

export function resultOf(requestId: string, status: number, body: Body & Detail) {
  if (status === 404)
    return { __typename: 'NotFound', requestId, code: body.detail.code, message: body.detail.message };
  if (status !== 200) throw new Error(`status ${status}`);
  return {
    __typename: 'ViberLog',
    requestId: body.request_id,
    totalRecipients: body.total_recipients,
    channel: body.channel,
    messages: body.messages.map(messageOf),
  };
}

type Message = ReturnType<typeof messageOf>;

/** One walk over the messages, with costs as whole millionths, so that the sum is exact. */
export function summaryOf({ messages }: { messages: readonly Message[] }) {
  const counts: Record<string, number> = { DELIVERED: 0, SENT: 0, UNDELIVERED: 0 };
  let [parts, millionths, messagesWithoutCost] = [0, 0, 0];
  for (const { status, numberOfViberMessage, viberCost } of messages) {
    counts[status] = (counts[status] ?? 0) + 1;
    parts += Number(numberOfViberMessage);
    if (viberCost === null) messagesWithoutCost += 1;
    else millionths += Math.round(Number(viberCost) * 1e6);
  }
  const { DELIVERED: delivered, SENT: sent, UNDELIVERED: undelivered } = counts;
  const totalCost = millionths / 1e6;
  return { messages: messages.length, delivered, sent, undelivered, parts, totalCost, messagesWithoutCost };
}

/** What a router may ask a subgraph for, beside `typeDefs`. */
export const entityTypeDefs = 'type ViberRequest @key(fields: "requestId") { requestId: ID! log: ViberLogResult }';

/** For the contenders with resolvers. */
export const logResolvers = { summary: summaryOf };

function messageOf(message: Record<string, never>) {
  return {
    msgId: message.msg_id,
    country: message.country,
    recipient: message.recipient,
    status: String(message.status).toUpperCase(),
    rawStatus: message.status,
    numberOfViberMessage: message.number_of_viber_message,
    viberCost: message.viber_cost,
    scheduleTime: message.schedule_time,
  };
}

export type Variables = {
  requestId: string;
  requestIds?: string[];
  representations?: { requestId: string }[];
  isSummary?: boolean;
};
type Answer = (variables: Variables, authorization: string, response: ServerResponse) => Promise<void>;

/** The server of those who know no GraphQL: of a request they read the variables and the token. */
export function serveByHand(answer: Answer): void {
  createServer((request: IncomingMessage, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => answer(JSON.parse(text).variables, request.headers.authorization ?? '', response));
  }).listen(port, '127.0.0.1');
}
