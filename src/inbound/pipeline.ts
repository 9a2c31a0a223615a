/**
 * Requests of one connection, sent before the responses to those before them were read. Each begins when the client has read what
 * comes before its own: so a client that reads nothing holds one response, and not one for each request that fits into a packet.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { refuseRequest } from './refusals.ts';
import { operationIdOf, responseHeaders } from './response-headers.ts';

type Listen = (request: IncomingMessage, response: ServerResponse) => void;

export function createPipeline(maxWaiting: number, answer: Listen): Listen {
  const waiting = new WeakMap<Socket, number>();

  function wait(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    const count = waiting.get(socket) ?? 0;
    if (count < maxWaiting) {
      waiting.set(socket, count + 1);
      // Node gives a response its socket when it is to be written.
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
