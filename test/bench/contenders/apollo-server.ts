import { RESTDataSource } from '@apollo/datasource-rest';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { logResolvers, pathOf, port, resultOf, typeDefs, upstreamUrl } from './peer.ts';

class D7 extends RESTDataSource {
  override baseURL = upstreamUrl;
  authorization: string;
  constructor(authorization: string) {
    super();
    this.authorization = authorization;
  }
  async log(requestId: string) {
    try {
      return resultOf(
        requestId,
        200,
        await this.get(pathOf(requestId), { headers: { authorization: this.authorization } }),
      );
    } catch (error) {
      const { response } = (error as { extensions: { response: { status: number; body: never } } }).extensions;
      return resultOf(requestId, response.status, response.body);
    }
  }
}

type Context = { d7: D7 };
const resolvers = {
  ViberLog: logResolvers,
  Query: {
    viberLog: (_root: unknown, { requestId }: { requestId: string }, { d7 }: Context) => d7.log(requestId),
    viberLogs: (_root: unknown, { requestIds }: { requestIds: string[] }, { d7 }: Context) =>
      requestIds.map((requestId) => d7.log(requestId)),
  },
};
const server = new ApolloServer<Context>({ typeDefs, resolvers });
await startStandaloneServer(server, {
  listen: { port, host: '127.0.0.1' },
  context: async ({ req }) => ({ d7: new D7(req.headers.authorization ?? '') }),
});
