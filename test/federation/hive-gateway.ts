import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';

/** Subscriptions reach the subgraph as server-sent events: Hive Gateway needs to be told nothing for that. */
export const hiveGateway = (supergraph: string) =>
  createGatewayRuntime({
    supergraph,
    propagateHeaders: {
      fromClientToSubgraphs: ({ request: { headers } }) => ({
        authorization: headers.get('authorization') ?? '',
        traceparent: headers.get('traceparent') ?? '',
      }),
    },
  });
