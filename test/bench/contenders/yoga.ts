/** Yoga as its guide sets it up: DataLoader, and undici's fetch. */
import { createServer } from 'node:http';
import DataLoader from 'dataloader';
import { createSchema, createYoga } from 'graphql-yoga';
import { fetch } from 'undici';
import { logResolvers, pathOf, port, resultOf, typeDefs, upstreamUrl } from './peer.ts';

type Context = { logs: DataLoader<string, object> };
const resolvers = {
  ViberLog: logResolvers,
  Query: {
    viberLog: (_root: unknown, { requestId }: { requestId: string }, { logs }: Context) => logs.load(requestId),
    viberLogs: (_root: unknown, { requestIds }: { requestIds: string[] }, { logs }: Context) =>
      requestIds.map((requestId) => logs.load(requestId)),
  },
};
const yoga = createYoga({
  schema: createSchema<Context>({ typeDefs, resolvers }),
  logging: false,
  context: ({ request }) => {
    const headers = { authorization: request.headers.get('authorization') ?? '' };
    const read = async (requestId: string) => {
      const answer = await fetch(`${upstreamUrl}${pathOf(requestId)}`, { headers });
      return resultOf(requestId, answer.status, (await answer.json()) as never);
    };
    return { logs: new DataLoader((requestIds: readonly string[]) => Promise.all(requestIds.map(read))) };
  },
});
createServer(yoga).listen(port, '127.0.0.1');
