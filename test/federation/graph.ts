/** The larger graph, in real processes' clothes: this gateway and the orders on sockets, composed, with a router before them. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { composeServices as composeByApollo } from '@apollo/composition';
import { startStandaloneServer } from '@apollo/server/standalone';
import { composeServices as composeByGuild } from '@theguild/federation-composition';
import { parse } from 'graphql';
import { openHouse } from '../house.ts';
import { apolloGateway } from './apollo-gateway.ts';
import { hiveGateway } from './hive-gateway.ts';
import { openOrders, ordersSdl } from './orders.ts';

export type Subgraph = { name: string; url: string; typeDefs: ReturnType<typeof parse> };

export const composers = {
  '@apollo/composition': (subgraphs: Subgraph[]) => composeByApollo(subgraphs),
  '@theguild/federation-composition': (subgraphs: Subgraph[]) => composeByGuild(subgraphs),
};

export function compose(composer: keyof typeof composers, subgraphs: Subgraph[]): string {
  const { supergraphSdl, errors } = composers[composer](subgraphs);
  if (!supergraphSdl) throw new Error(errors?.map(({ message }) => message).join('\n'));
  return supergraphSdl;
}

const routers = {
  'Apollo Gateway': async (supergraph: string) => {
    const server = apolloGateway(supergraph);
    const context = async ({ req }: { req: { headers: object } }) => req.headers;
    const { url } = await startStandaloneServer(server, { listen: { port: 0, host: '127.0.0.1' }, context });
    return { url, close: () => server.stop() };
  },
  'Hive Gateway': async (supergraph: string) => {
    const runtime = hiveGateway(supergraph);
    const server = createServer(runtime);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const close = async () => {
      server.closeAllConnections();
      server.close();
      await runtime[Symbol.asyncDispose]();
    };
    return { url: `http://127.0.0.1:${(server.address() as { port: number }).port}/graphql`, close };
  },
};

export type RouterName = keyof typeof routers;

type Options = Parameters<typeof openHouse>[0] & { router: RouterName; composer: keyof typeof composers };

/** What each router is to find where `npm run schema` has told it. */
export async function openGraph({ router: routerName, composer, ...options }: Options) {
  const house = await openHouse(options);
  const orders = await openOrders();
  const sdl = (await house.ask('{ _service { sdl } }')).body.data._service.sdl;
  const supergraph = compose(composer, [
    { name: 'viber-log', url: house.url, typeDefs: parse(sdl) },
    { name: 'orders', url: orders.url, typeDefs: parse(ordersSdl) },
  ]);
  const router = await routers[routerName](supergraph);

  async function ask(query: string, { variables = {}, token = 'sandbox-token', headers = {} } = {}) {
    const response = await fetch(router.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers },
      body: JSON.stringify({ query, variables }),
    });
    return JSON.parse(await response.text());
  }

  const close = async () => {
    await router.close();
    await orders[Symbol.asyncDispose]();
    await house[Symbol.asyncDispose]();
  };
  return { house, url: router.url, supergraph, ask, [Symbol.asyncDispose]: close };
}
