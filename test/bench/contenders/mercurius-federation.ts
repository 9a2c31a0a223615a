/** Mercurius as a subgraph: it resolves the entities that a router knows. */
import { mercuriusFederationPlugin } from '@mercuriusjs/federation';
import Fastify from 'fastify';
import { entityTypeDefs, fetchLog, logResolvers, port, typeDefs } from './peer.ts';

const app = Fastify();
type Context = { authorization: string };
const resolvers = {
  ViberLog: logResolvers,
  ViberRequest: {
    __resolveReference: ({ requestId }: { requestId: string }) => ({ requestId }),
    log: ({ requestId }: { requestId: string }, _args: object, { authorization }: Context) =>
      fetchLog(requestId, authorization),
  },
};
const context = (request: { headers: { authorization?: string } }) => ({
  authorization: request.headers.authorization ?? '',
});
const schema = `${typeDefs}\n${entityTypeDefs}`;
// biome-ignore lint/suspicious/noExplicitAny: the peer's own types are not what is measured
app.register(mercuriusFederationPlugin as any, { schema, resolvers, context, jit: 1 });
await app.listen({ port, host: '127.0.0.1' });
