/** Another team's subgraph: orders, which know the request id of their notice, and which add a field to its log. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { createYoga } from 'graphql-yoga';

export const ordersSdl = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires", "@shareable"])

  type Query {
    order(id: ID!): Order
    orders(requestIds: [ID!]!): [Order!]!
  }
  type Order @key(fields: "id") {
    id: ID!
    notice: ViberRequest!
    log: ViberLog
    firstMessage: ViberMessage
  }
  type ViberRequest @key(fields: "requestId", resolvable: false) {
    requestId: ID!
  }
  type ViberLog @key(fields: "requestId") {
    requestId: ID!
    order: Order!
  }
  type ViberMessage @key(fields: "requestId msgId", resolvable: false) {
    requestId: ID!
    msgId: ID!
  }
  interface Error {
    code: String!
    message: String!
  }
  "Every subgraph with connections has this type."
  type PageInfo @shareable {
    hasNextPage: Boolean!
    hasPreviousPage: Boolean!
    startCursor: String
    endCursor: String
  }
  type NotFound implements Error @shareable {
    requestId: ID!
    code: String!
    message: String!
  }
`;

/** The order of a request id has the same id, with a word before it. */
const orderOf = (requestId: string) => ({
  id: `order-${requestId}`,
  notice: { requestId },
  log: { requestId },
  firstMessage: { requestId, msgId: '7053a678-75fe-11ed-9e31-000000000000' },
});

const resolvers = {
  Query: {
    order: (_root: unknown, { id }: { id: string }) => orderOf(id.replace('order-', '')),
    orders: (_root: unknown, { requestIds }: { requestIds: string[] }) => requestIds.map(orderOf),
  },
  Order: { __resolveReference: ({ id }: { id: string }) => orderOf(id.replace('order-', '')) },
  ViberLog: {
    __resolveReference: ({ requestId }: { requestId: string }) => ({ requestId }),
    order: ({ requestId }: { requestId: string }) => orderOf(requestId),
  },
};

export async function openOrders() {
  const schema = buildSubgraphSchema([{ typeDefs: parse(ordersSdl), resolvers: resolvers as object as never }]);
  const server = createServer(createYoga({ schema, logging: false }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${port}/graphql`, [Symbol.asyncDispose]: close };
}
