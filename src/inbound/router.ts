/**
 * Routes requests: to GraphQL, to the two probes, or to a refusal. Later code sees valid targets and Hosts only.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Operation } from '../graphql/context.ts';
import type { ServeBoard } from './board-files.ts';
import { clientNameOf } from './client-name.ts';
import { refuseRequest } from './refusals.ts';
import type { RequestMessage } from './request-message.ts';
import { faultInTarget, pathOf } from './request-target.ts';
import { operationIdOf, responseHeaders } from './response-headers.ts';
import { traceContextOf } from './trace-context.ts';

export type HandleContext = {
  operation: Operation;
  /** What every response bears: names and values in turn. */
  headers: readonly string[];
};

export type Handle = (request: RequestMessage, response: ServerResponse, context: HandleContext) => unknown;

/** Called with each request, before its response. @param route one of a closed set. */
export type OnRequest = (response: ServerResponse, route: string, startedMs: number) => void;

export type RouterParts = {
  /** The path where GraphQL is. */
  endpoint: string;
  handle: Handle;
  /** Null: the board is off. */
  serveBoard: ServeBoard | null;
  /** Whether each response asks its client to close the connection. */
  isDraining: () => boolean;
  /** What /ready reports. */
  isReady: () => boolean;
  /** Null: nobody counts requests. */
  onRequest: OnRequest | null;
};

const aboutThis = 'This is the Viber log gateway: GraphQL for the delivery logs of D7 Networks.';
const authorization = 'authorization';
const noAuthorizations: readonly string[] = [];

export function createRouter({ endpoint, handle, serveBoard, isDraining, isReady, onRequest }: RouterParts) {
  function answer(request: RequestMessage, response: ServerResponse): unknown {
    const fault = faultInTarget(request);
    const operation = operationOf(request);
    const headers = responseHeaders(operation.id);
    operation.responseHeaders = headers;
    onRequest?.(response, routeOf(request), operation.startedMs);
    if (isDraining() || fault) headers.push('connection', 'close');
    if (fault) return refuseRequest(response, fault, headers);
    if (isForEndpoint(request)) return handle(request, response, { operation, headers });
    if (serveBoard?.(request, response, headers)) return undefined;
    switch (pathOf(request)) {
      case '/':
        return answerRoot(request, response, headers);
      case '/health':
        return answerProbe(response, headers, true);
      case '/ready':
        return answerProbe(response, headers, isReady());
      case '*':
        return answerServerOptions(response, headers);
      default:
        return refuseRequest(response, 'notFound', headers);
    }
  }

  /** What clients ask for elsewhere is not their choice of a label. */
  function routeOf(request: IncomingMessage): string {
    if (isForEndpoint(request)) return endpoint;
    const path = pathOf(request);
    return path === '/' || path === '/health' || path === '/ready' ? path : 'other';
  }

  /** Removes a slash at the end of the path, so that no later code sees two spellings of the endpoint. */
  function isForEndpoint(request: IncomingMessage): boolean {
    if (request.url === endpoint) return true;
    const path = pathOf(request);
    if (path === `${endpoint}/`) request.url = `${endpoint}${request.url?.slice(path.length)}`;
    return pathOf(request) === endpoint;
  }

  /** For whoever opens the address in a browser, or asks what listens here. */
  function answerRoot({ method }: IncomingMessage, response: ServerResponse, headers: readonly string[]): void {
    if (method !== 'GET' && method !== 'HEAD') {
      refuseRequest(response, 'notFound', headers);
      return;
    }
    response.writeHead(200, [...headers, 'content-type', 'text/plain; charset=utf-8']);
    response.end(`${aboutThis}\n\nGraphQL is at ${endpoint}, the probes are at /health and /ready.\n`);
  }

  /** Anything else that a client would like to speak is ignored, and its request answered (RFC 9110, section 7.8). */
  function isWebSocket(request: IncomingMessage): boolean {
    const { method, headers, httpVersion } = request;
    const isAsked = method === 'GET' && httpVersion === '1.1' && headers.upgrade?.toLowerCase() === 'websocket';
    return isAsked && faultInTarget(request) === null && isForEndpoint(request);
  }

  return { answer, isWebSocket };
}

/** Whether the process lives, and whether it wants requests. Neither asks D7: its failures are in the responses. */
function answerProbe(response: ServerResponse, headers: readonly string[], well: boolean): void {
  response.writeHead(well ? 200 : 503, [...headers, 'content-type', 'application/json']);
  response.end(JSON.stringify({ ok: well }));
}

/** RFC 9110, section 9.3.7: what the server as a whole can do. */
function answerServerOptions(response: ServerResponse, headers: readonly string[]): void {
  response.writeHead(204, [...headers, 'allow', 'GET, POST, OPTIONS']);
  response.end();
}

function operationOf(request: IncomingMessage): Operation {
  return {
    id: operationIdOf(request),
    startedMs: performance.now(),
    authorizations: authorizationsIn(request.rawHeaders),
    trace: traceContextOf(request.headers),
    clientName: clientNameOf(request.headers),
    bypassesCache: bypassesCache(request.headers['cache-control']),
  };
}

function bypassesCache(cacheControl: string | undefined): boolean {
  return cacheControl !== undefined && /\b(no-cache|max-age=0)\b/i.test(cacheControl);
}

/** Every one: of several, `headers` has the first alone. `rawHeaders` has names and values in turn. */
function authorizationsIn(rawHeaders: readonly string[]): readonly string[] {
  let authorizations = noAuthorizations;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (name.length !== authorization.length || name.toLowerCase() !== authorization) continue;
    // One is an array of one; a push would reserve room for more, as long as a subscription lasts.
    authorizations = [...authorizations, rawHeaders[index + 1] as string];
  }
  return authorizations;
}
