/** Apollo Server as a subgraph: it resolves the entities that a router knows. */
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { entityTypeDefs, fetchLog, logResolvers, port, typeDefs } from './peer.ts';

type Context = { authorization: string };
const resolvers = {
  ViberLog: logResolvers,
  ViberRequest: {
    __resolveReference: ({ requestId }: { requestId: string }) => ({ __typename: 'ViberRequest', requestId }),
    log: ({ requestId }: { requestId: string }, _args: object, { authorization }: Context) =>
      fetchLog(requestId, authorization),
  },
};
const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])';
const schema = buildSubgraphSchema([{ typeDefs: parse(`${link}\n${typeDefs}\n${entityTypeDefs}`), resolvers }]);
const server = new ApolloServer<Context>({ schema });
await startStandaloneServer(server, {
  listen: { port, host: '127.0.0.1' },
  context: async ({ req }) => ({ authorization: req.headers.authorization ?? '' }),
});
