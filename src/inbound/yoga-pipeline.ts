/**
 * The pipeline of Yoga: every request that the fast path does not take, over all transports.
 */
import type { GraphQLSchema } from 'graphql';
import { createYoga } from 'graphql-yoga';
import { Cancellation } from '../d7/cancellation.ts';
import type { CreateContext, ServerContext } from '../graphql/context.ts';
import type { DocumentCaches } from '../graphql/document-cache.ts';
import { type DocumentLimits, useDocumentLimits } from '../graphql/document-limits.ts';
import type { DocumentTurns } from '../graphql/document-turns.ts';
import { type Documents, useDocumentRegistration } from '../graphql/documents.ts';
import { maskedErrors } from '../graphql/mask-error.ts';
import { useNullConditions } from '../graphql/null-conditions.ts';
import { type CostOf, useOperationCost } from '../graphql/operation-cost.ts';
import { type LogOperation, useOperationLog } from '../graphql/operation-log.ts';
import { type RateLimit, useRateLimit } from '../graphql/rate-limit.ts';
import type { Responses } from '../graphql/response/responses.ts';
import { useResponses } from '../graphql/response/yoga-responses.ts';
import { createViberLogSchema } from '../graphql/schema.ts';
import type { Telemetry } from '../telemetry.ts';
import { useCloseAfterTooLarge } from './body-limit.ts';
import { corsFor, usePreflightedOnly, useVaryByOrigin } from './cross-origin.ts';
import { useEventStreams } from './event-stream.ts';
import { type GraphiQLOptions, useHintInPlaceOfPage, useOfflineGraphiQL } from './graphiql.ts';
import { useNamedDocuments } from './named-documents.ts';
import { useDocumentTurns } from './new-documents.ts';
import { useReadableRequests } from './readable-requests.ts';

export type YogaPipelineParts = {
  endpoint: string;
  schema: GraphQLSchema;
  documents: Documents;
  documentCaches: DocumentCaches;
  documentTurns: DocumentTurns;
  /** Null: there is no GraphiQL. */
  page: GraphiQLOptions | null;
  document: DocumentLimits & { introspection: boolean };
  corsOrigins: readonly string[];
  maxBodyBytes: number;
  createContext: CreateContext;
  costOf: CostOf;
  /** Null: there is no limit. */
  rateLimit: RateLimit | null;
  responses: Responses;
  logOperation: LogOperation;
  telemetry: Pick<Telemetry, 'event' | 'unexpectedError'>;
};

export type YogaPipeline = ReturnType<typeof createYogaPipeline>;

/** The plug-ins are in the order in which a request meets them. */
export function createYogaPipeline(parts: YogaPipelineParts) {
  const { endpoint, schema, documents, page, document, corsOrigins, createContext, rateLimit, telemetry } = parts;
  const schemaOfPage = document.introspection ? createViberLogSchema().schema : undefined;
  return createYoga<ServerContext>({
    schema,
    context: ({ operation, request }) => createContext(operation, Cancellation.from(request.signal)),
    plugins: [
      page ? useOfflineGraphiQL(endpoint, page, schemaOfPage) : useHintInPlaceOfPage(),
      usePreflightedOnly(),
      useNamedDocuments(documents),
      useReadableRequests(),
      useDocumentTurns(parts.documentTurns),
      useDocumentLimits(document),
      useOperationCost(parts.costOf),
      useNullConditions(),
      useEventStreams(),
      useResponses(parts.responses),
      useOperationLog(parts.logOperation, telemetry.event),
      ...(rateLimit ? [useRateLimit(rateLimit)] : []),
      useDocumentRegistration(),
      useVaryByOrigin(corsOrigins),
      useCloseAfterTooLarge(),
    ],
    cors: corsFor(corsOrigins),
    parserAndValidationCache: parts.documentCaches,
    maxRequestBodySize: parts.maxBodyBytes,
    graphqlEndpoint: endpoint,
    graphiql: false,
    landingPage: false,
    multipart: false,
    batching: false,
    maskedErrors,
    logging: loggerOf(telemetry),
  });
}

/** Yoga logs what it masks with all details; telemetry logs its name and place only. */
function loggerOf({ unexpectedError }: Pick<Telemetry, 'unexpectedError'>) {
  const ignore = () => {};
  return { debug: ignore, info: ignore, warn: ignore, error: unexpectedError };
}
