/**
 * The composition root: settings and parts in, a server that speaks GraphQL out.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createYoga } from 'graphql-yoga';
import type { Config } from './config.ts';
import { createContextFactory } from './graphql/context.ts';
import { type GraphiQLOptions, useOfflineGraphiQL } from './graphql/graphiql.ts';
import { createViberLogSchema } from './graphql/schema.ts';
import type { Telemetry } from './telemetry.ts';
import { createD7Client } from './viber-log/client.ts';

export type Gateway = AsyncDisposable & {
  /** Where GraphQL is spoken, GraphiQL included. */
  url: string;
  /** Takes no more requests, answers those that it has taken, and lets go of D7. */
  close: () => Promise<void>;
};

export type GatewayParts = {
  config: Config;
  telemetry: Telemetry;
  graphiql: GraphiQLOptions;
};

const graphqlEndpoint = '/graphql';

export async function openGateway({ config, telemetry, graphiql }: GatewayParts): Promise<Gateway> {
  const d7 = createD7Client(config.upstream, telemetry);
  const yoga = createYoga({
    schema: createViberLogSchema(),
    context: createContextFactory(d7, config.limits),
    plugins: [useOfflineGraphiQL(graphqlEndpoint, graphiql)],
    graphqlEndpoint,
    graphiql: false,
    landingPage: false,
    // Yoga's default allows every origin, with credentials.
    cors: false,
    multipart: false,
    // Not left to NODE_ENV: Yoga would show the original error and its stack in development.
    maskedErrors: { isDev: false },
    logging: yogaLogger(telemetry),
  });
  const server = createServer(yoga);

  async function close(): Promise<void> {
    if (!server.listening) return;
    await new Promise((resolve) => server.close(resolve));
    await d7.close();
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.port, config.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  return { url: `http://${host}:${port}${graphqlEndpoint}`, close, [Symbol.asyncDispose]: close };
}

/** Yoga logs what it masks, whole; of that only the name and the place in the query are told. */
function yogaLogger(telemetry: Telemetry) {
  const ignore = () => {};
  return {
    debug: ignore,
    info: ignore,
    warn: ignore,
    error: (error: unknown) => telemetry.unexpectedError(nameAndPathOf(error)),
  };
}

function nameAndPathOf(error: unknown): { name: string; path: string } {
  const { path, originalError } = error as { path?: readonly (string | number)[]; originalError?: Error };
  const thrown = originalError ?? error;
  return { name: thrown instanceof Error ? thrown.name : typeof thrown, path: path?.join('.') ?? '' };
}
