/**
 * The HTTP side of the fast path, for a POST of JSON with one query or subscription: node:http itself reads the body and writes the response, without
 * Yoga's translation to the objects of the Fetch API and back, which costs several times what the rest does.
 *
 * Everything else goes through Yoga: other methods, other media types of request or response, pages of listed origins, bodies without a
 * length or over the limit, and what query-runner.ts and subscription-runner.ts do not take, with its body.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError } from 'graphql';
import { Cancellation } from '../d7/cancellation.ts';
import type { Operation } from '../graphql/context.ts';
import type { DocumentTurns } from '../graphql/document-turns.ts';
import type { DocumentParams, Documents, RequestedDocument } from '../graphql/documents.ts';
import { type RefusalHttp, unexpected } from '../graphql/errors.ts';
import type { PreparedOperation } from '../graphql/fast-path/prepared-operation.ts';
import type { PreparedOperations } from '../graphql/fast-path/prepared-operations.ts';
import type { QueryParams, QueryResponse, QueryRunner } from '../graphql/fast-path/query-runner.ts';
import type { SubscriptionRunner } from '../graphql/fast-path/subscription-runner.ts';
import type { Bytes } from '../graphql/response/json-writer.ts';
import { codingHeaders } from './compression.ts';
import { isUnlistedPreflight } from './cross-origin.ts';
import { EventStreamOutput } from './event-output.ts';
import { EventPings } from './event-pings.ts';
import { normaliseMediaTypes } from './media-types.ts';
import { readable, refuseRequest } from './refusals.ts';
import type { RequestMessage } from './request-message.ts';
import type { Handle, HandleContext } from './router.ts';
import { type SendParts, sendResponse } from './send-response.ts';

export type FastPathParts = SendParts & {
  path: string;
  maxBodyBytes: number;
  /** Where there are any, answers bear headers that Yoga writes. */
  corsOrigins: readonly string[];
  /** Null: everything goes through Yoga. */
  runners: Runners | null;
  documents: Documents;
  documentTurns: DocumentTurns;
  throughYoga: (request: IncomingMessage, response: ServerResponse, context: HandleContext) => Promise<Response>;
  /** For a request whose body has been read. */
  throughYogaWithBody: (request: Request, operation: Operation) => Promise<Response>;
  onAnswered: (operation: Operation, codes: readonly string[]) => void;
  onOriginRefused: (event: { origin: string }) => void;
  onUnexpected: (error: unknown) => void;
};

export type Runners = { prepared: PreparedOperations; queries: QueryRunner; subscriptions: SubscriptionRunner };

type Params = DocumentParams & QueryParams;

const json = 'application/json';
const graphqlResponse = 'application/graphql-response+json';

/**
 * The media type of the response by the header Accept, as Yoga chooses it: of fetch, curl and axios; of Apollo Client, urql and others; of
 * Apollo Router and Hive Gateway.
 */
const mediaTypes: ReadonlyMap<string | undefined, string> = new Map([
  [undefined, json],
  ['*/*', json],
  [json, json],
  [`${json}, text/plain, */*`, json],
  [graphqlResponse, graphqlResponse],
  [`${graphqlResponse},${json};q=0.9`, graphqlResponse],
  [`${graphqlResponse}, ${json}`, graphqlResponse],
  [`${graphqlResponse}, application/graphql+json, ${json}, text/event-stream, multipart/mixed`, graphqlResponse],
  [`${json}, ${graphqlResponse}`, json],
  [`${graphqlResponse}, ${json}, multipart/mixed`, graphqlResponse],
]);

/** By which Yoga chooses server-sent events for a subscription: of fetch, of graphql-sse, of urql. */
const streamTypes: ReadonlySet<string | undefined> = new Set([
  undefined,
  '*/*',
  'text/event-stream',
  `${graphqlResponse}, application/graphql+json, ${json}, text/event-stream, multipart/mixed`,
]);

/** In place of the client's Host where it has no meaning. */
const hostBehind = 'gateway';

export function createFastPath(parts: FastPathParts): Handle {
  const { path, maxBodyBytes, corsOrigins, runners, compression, documents, documentTurns, throughYoga } = parts;
  const eventParts = { ...parts, pings: new EventPings() };
  const paramNames = new Set(['query', 'variables', 'operationName', 'extensions', ...documents.idParams]);

  return (request, response, context) => {
    if (runners && isPlain(request)) return takeBody(runners, request, response, context);
    if (isUnlistedPreflight(request, corsOrigins)) return refuseOrigin(request, response, context);
    response.once('close', () => context.operation.response?.end());
    return goThroughYoga(request, response, context);
  };

  function refuseOrigin(
    { headers: { origin = '' } }: IncomingMessage,
    response: ServerResponse,
    context: HandleContext,
  ) {
    parts.onOriginRefused({ origin: readable(origin) });
    const vary = corsOrigins.length > 0 ? ['vary', 'Origin'] : [];
    refuseRequest(response, 'originNotListed', [...context.headers, ...vary], origin);
  }

  async function goThroughYoga(request: IncomingMessage, response: ServerResponse, context: HandleContext) {
    // Yoga makes a URL of Host and target. A valid Host need not be one of a valid URL: `1.2.3.4.5` is not.
    request.headers.host = hostBehind;
    normaliseMediaTypes(request.headers);
    try {
      await sendResponse(await throughYoga(request, response, context), response, context, parts);
    } catch (error) {
      fail(response, context, error);
    }
  }

  function isPlain({ method, url, headers }: IncomingMessage): boolean {
    return (
      method === 'POST' &&
      url === path &&
      Number(headers['content-length']) <= maxBodyBytes &&
      isJson(headers['content-type']) &&
      (mediaTypes.has(headers.accept) || streamTypes.has(headers.accept)) &&
      headers['content-encoding'] === undefined &&
      (corsOrigins.length === 0 || headers.origin === undefined)
    );
  }

  function takeBody(runners: Runners, request: RequestMessage, response: ServerResponse, context: HandleContext): void {
    request.takeBody((body) => {
      answer(runners, request, response, context, body).catch((error) => fail(response, context, error));
    });
  }

  async function answer(
    { prepared, queries, subscriptions }: Runners,
    request: IncomingMessage,
    response: ServerResponse,
    context: HandleContext,
    body: Buffer,
  ) {
    const { accept } = request.headers;
    const cancellation = new Cancellation();
    const params = paramsIn(body, paramNames);
    const document = params && documentOf(params, context.operation);
    const known = document && prepared.known(document, params.operationName);
    const query = document && (known ?? (await prepareInTurn(prepared, document, params, context.operation)));
    // It has waited, its client has disconnected, and nothing was begun.
    if (response.destroyed) return;
    const running =
      query && mediaTypes.has(accept) ? run(queries, query, params, context.operation, cancellation) : null;
    // What is known already is answered before anybody can go away.
    if (running && !(running instanceof Promise)) {
      const { response: pending } = context.operation;
      if (pending?.isHolding) response.once('close', () => pending.end());
      return write(running, request, response, context);
    }
    const onClose = () => {
      if (!response.writableFinished) cancellation.cancel();
      context.operation.response?.end();
    };
    response.on('close', onClose);
    const answered = await running;
    if (answered) {
      await write(answered, request, response, context);
      return;
    }
    const isFollowing =
      query &&
      streamTypes.has(accept) &&
      (await follow(subscriptions, query, params, request, response, context, onClose));
    if (!isFollowing) await goThroughYogaWithBody(request, response, context, body, cancellation);
  }

  /** False: nothing was run. */
  async function follow(
    runner: SubscriptionRunner,
    query: PreparedOperation,
    params: Params,
    request: IncomingMessage,
    response: ServerResponse,
    { operation, headers }: HandleContext,
    onClose: () => void,
  ): Promise<boolean> {
    const prepared = runner.prepare(query, params, operation);
    if (prepared === null || (await prepared.admit()) !== null) return false;
    // The client has disconnected, or waits for the response to an earlier request.
    if (response.socket === null) return false;
    try {
      const openOutput = () => {
        // The follower has a listener of its own.
        response.off('close', onClose);
        return new EventStreamOutput(response, headers, eventParts);
      };
      prepared.follow(openOutput).start();
      // Node keeps the request as long as the response.
      request.rawHeaders = [];
      request.headers = {};
      operation.responseHeaders = undefined;
      return true;
    } catch (error) {
      if (error instanceof GraphQLError) return false;
      throw error;
    }
  }

  /** A document that does not fit is found by throwing: nothing was run then, and the long way words it. */
  function documentOf(params: Params, operation: Operation): RequestedDocument | null {
    return unlessRefused(() => documents.documentOf(params, operation));
  }

  /** Null also where too many wait. */
  async function prepareInTurn(
    prepared: PreparedOperations,
    document: RequestedDocument,
    { operationName }: Params,
    operation: Operation,
  ): Promise<PreparedOperation | null> {
    const turn = unlessRefused(() => documentTurns.turnFor(document.text, operation));
    if (turn === null) return null;
    await turn;
    return prepared.find(document, operationName);
  }

  function run(
    runner: QueryRunner,
    query: PreparedOperation,
    params: Params,
    operation: Operation,
    cancellation: Cancellation,
  ) {
    return unlessRefused(() => runner.run(query, params, operation, cancellation));
  }

  function unlessRefused<Value>(attempt: () => Value): Value | null {
    try {
      return attempt();
    } catch (error) {
      if (error instanceof GraphQLError) return null;
      throw error;
    }
  }

  function write(
    answered: QueryResponse,
    { headers: { accept, 'accept-encoding': acceptEncoding } }: IncomingMessage,
    response: ServerResponse,
    { operation, headers }: HandleContext,
  ): Promise<void> | void {
    const { body, codes, http } = answered;
    operation.bodyBytes = body.length;
    parts.onAnswered(operation, codes);
    if (response.destroyed) return;
    const type = `${mediaTypes.get(accept) ?? json}; charset=utf-8`;
    if (http) return writeRefusal(response, body, type, http, headers);
    if (body.length >= compression.minBytes)
      return writeCompressed(answered, acceptEncoding, type, response, { operation, headers });
    parts.onSent('http', body.length, body.length);
    response.writeHead(200, [...headers, ...contentHeaders(type, body.length)]);
    response.end(body, 'latin1');
  }

  /** A single error: too short to be compressed. */
  function writeRefusal(
    response: ServerResponse,
    body: Bytes,
    type: string,
    { status, headers: own = {} }: RefusalHttp,
    headers: readonly string[],
  ): void {
    parts.onSent('http', body.length, body.length);
    response.writeHead(status, [...headers, ...Object.entries(own).flat(), ...contentHeaders(type, body.length)]);
    response.end(body, 'latin1');
  }

  async function writeCompressed(
    { body, forms }: QueryResponse,
    acceptEncoding: string | undefined,
    type: string,
    response: ServerResponse,
    { operation, headers }: HandleContext,
  ): Promise<void> {
    const compressed = await compression.compress(body, acceptEncoding, operation.response, forms);
    if (response.destroyed) return;
    const sent = compressed?.bytes ?? body;
    parts.onSent('http', body.length, sent.length);
    response.writeHead(200, [...headers, ...contentHeaders(type, sent.length), ...codingHeaders(compressed)]);
    response.end(sent, 'latin1');
  }

  /** A bug of ours, or a client that disconnected while the long way was at work. */
  function fail(response: ServerResponse, { headers }: HandleContext, error: unknown): void {
    if (response.destroyed) return;
    parts.onUnexpected(error);
    if (response.headersSent) return void response.destroy();
    const body = JSON.stringify({ errors: [unexpected] });
    response.writeHead(500, [...headers, ...contentHeaders(json, body.length)]);
    response.end(body);
  }

  async function goThroughYogaWithBody(
    { url, headers, method = 'POST' }: IncomingMessage,
    response: ServerResponse,
    context: HandleContext,
    body: Buffer,
    cancellation: Cancellation,
  ): Promise<void> {
    normaliseMediaTypes(headers);
    const controller = new AbortController();
    const { signal } = controller;
    if (cancellation.isCancelled) controller.abort();
    else cancellation.addListener({ onCancelled: () => controller.abort() });
    const init = { method, headers: headers as Record<string, string>, body: new Uint8Array(body), signal };
    const answered = await parts.throughYogaWithBody(
      new Request(`http://${hostBehind}${url}`, init),
      context.operation,
    );
    await sendResponse(answered, response, context, parts);
  }
}

function contentHeaders(type: string, length: number): string[] {
  return ['content-type', type, 'content-length', String(length)];
}

function isJson(contentType: string | undefined): boolean {
  return contentType === json || contentType === `${json}; charset=utf-8`;
}

/** Null for whatever has another shape than a client that means one query would send. */
function paramsIn(body: Buffer, names: ReadonlySet<string>): Params | null {
  let params: unknown;
  try {
    params = JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
  if (typeof params !== 'object' || params === null || Array.isArray(params)) return null;
  for (const name in params) if (!names.has(name)) return null;
  const { variables, operationName, extensions } = params as Record<string, unknown>;
  if (operationName != null && !isName(operationName)) return null;
  if (!isObjectOrNothing(variables) || !isObjectOrNothing(extensions)) return null;
  return params as Params;
}

function isObjectOrNothing(value: unknown): boolean {
  return value == null || (typeof value === 'object' && !Array.isArray(value));
}

/** As GraphQL has it (section 2.1.9): so that a name and a document side by side are one thing only. */
function isName(value: unknown): boolean {
  return typeof value === 'string' && /^[_A-Za-z][_0-9A-Za-z]*$/.test(value);
}
