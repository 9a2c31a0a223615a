/**
 * HTTP pipelining: requests that a client sends before it has the responses to earlier ones. A request is processed when the responses
 * before its own are written. So a client that reads nothing keeps one response in memory, and not one for each request it has sent.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { refuseRequest } from './refusals.ts';
import type { RequestMessage } from './request-message.ts';
import { operationIdOf, responseHeaders } from './response-headers.ts';

type RequestListener = (request: RequestMessage, response: ServerResponse) => void;

export function createPipeline(maxWaiting: number, answer: RequestListener): RequestListener {
  const waiting = new WeakMap<Socket, number>();

  function wait(request: RequestMessage, response: ServerResponse): void {
    const { socket } = request;
    const count = waiting.get(socket) ?? 0;
    if (count < maxWaiting) {
      waiting.set(socket, count + 1);
      // Node assigns the socket to a response when all responses before it are written.
      response.once('socket', () => {
        waiting.set(socket, (waiting.get(socket) ?? 1) - 1);
        answer(request, response);
      });
    } else refuse(request, response);
  }

  return (request, response) => (response.socket === null ? wait(request, response) : answer(request, response));
}

function refuse(request: IncomingMessage, response: ServerResponse): void {
  refuseRequest(response, 'tooManyPipelined', [...responseHeaders(operationIdOf(request)), 'connection', 'close']);
}
