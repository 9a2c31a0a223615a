import { ApolloGateway, type GraphQLDataSourceProcessOptions, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';

type Context = { authorization?: string; traceparent?: string };

/** The server's `context` function has to put the caller's headers into the context: `({ req }) => req.headers`. */
class Subgraph extends RemoteGraphQLDataSource<Context> {
  override willSendRequest({ request, context }: GraphQLDataSourceProcessOptions<Context>) {
    for (const name of ['authorization', 'traceparent']) {
      const value = context[name as keyof Context];
      if (value) request.http?.headers.set(name, value);
    }
  }
}

export const apolloGateway = (supergraphSdl: string) =>
  new ApolloServer<Context>({
    gateway: new ApolloGateway({ supergraphSdl, buildService: ({ url = '' }) => new Subgraph({ url }) }),
  });
