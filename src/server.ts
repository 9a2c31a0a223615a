/**
 * The composition root: settings and parts in, a server that speaks GraphQL out.
 */
import { createYoga } from 'graphql-yoga';
import type { Config } from './config.ts';
import { useCodedErrors } from './graphql/coded-errors.ts';
import { createContextFactory, type ServerContext } from './graphql/context.ts';
import { createDocumentCaches } from './graphql/document-cache.ts';
import { useDocumentLimits } from './graphql/document-limits.ts';
import { useOperationLog } from './graphql/operation-log.ts';
import { createViberLogSchema } from './graphql/schema.ts';
import { useUpstreamCallLimit } from './graphql/upstream-cost.ts';
import { useCloseAfterTooLarge } from './inbound/body-limit.ts';
import { corsFor, usePreflightedOnly, useVaryByOrigin } from './inbound/cross-origin.ts';
import { type GraphiQLOptions, useOfflineGraphiQL } from './inbound/graphiql.ts';
import { openListener } from './inbound/listener.ts';
import type { Telemetry } from './telemetry.ts';
import { createD7Client, type D7Client } from './viber-log/client.ts';

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

export async function openGateway(parts: GatewayParts): Promise<Gateway> {
  const d7 = createD7Client(parts.config.upstream, parts.telemetry);
  const listener = await openListener(parts.config.listener, createGraphQL(parts, d7));

  async function close(): Promise<void> {
    await listener.close();
    await d7.close();
  }

  return { url: `${listener.url}${graphqlEndpoint}`, close, [Symbol.asyncDispose]: close };
}

/** The plug-ins in the order in which a request meets them. */
function createGraphQL({ config, telemetry, graphiql }: GatewayParts, d7: D7Client) {
  return createYoga<ServerContext>({
    schema: createViberLogSchema(),
    context: createContextFactory(d7, config.operation),
    plugins: [
      config.graphiql && useOfflineGraphiQL(graphqlEndpoint, graphiql),
      usePreflightedOnly(),
      useDocumentLimits(config.document),
      useUpstreamCallLimit(config.maxUpstreamCalls),
      useCodedErrors(),
      useOperationLog(telemetry),
      useVaryByOrigin(config.corsOrigins),
      useCloseAfterTooLarge(),
    ],
    cors: corsFor(config.corsOrigins),
    parserAndValidationCache: createDocumentCaches(),
    maxRequestBodySize: config.maxRequestBodyBytes,
    graphqlEndpoint,
    graphiql: false,
    landingPage: false,
    multipart: false,
    batching: false,
    // Not left to NODE_ENV: Yoga would show the original error and its stack in development.
    maskedErrors: { isDev: false },
    logging: yogaLogger(telemetry),
  });
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
