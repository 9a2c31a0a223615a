import Fastify from 'fastify';
import mercurius from 'mercurius';
import { fetchLog, logResolvers, port, typeDefs } from './peer.ts';

const app = Fastify();
type Context = { authorization: string };
const resolvers = {
  ViberLog: logResolvers,
  Query: {
    viberLog: (_root: unknown, { requestId }: { requestId: string }, { authorization }: Context) =>
      fetchLog(requestId, authorization),
    viberLogs: (_root: unknown, { requestIds }: { requestIds: string[] }, { authorization }: Context) =>
      requestIds.map((requestId) => fetchLog(requestId, authorization)),
  },
};
const context = (request: { headers: { authorization?: string } }) => ({
  authorization: request.headers.authorization ?? '',
});
// biome-ignore lint/suspicious/noExplicitAny: the peer's own types are not what is measured
app.register(mercurius as any, { schema: typeDefs, resolvers, context, jit: 1 });
await app.listen({ port, host: '127.0.0.1' });
