/**
 * D7 for the fairness measurement, in a process of its own. The request id says what happens to a call:
 *
 * rows-N-…: a log of N messages, final; fail-…: 500; hang-…: no response at all. A token that starts with `invalid` gets 401.
 * The caller's token comes back as the log's channel, so that a log that reaches another caller is seen.
 * POST /outage/on and /outage/off switch an outage, during which every call gets 503.
 */
import { createServer, type Socket } from 'node:net';
import { logOf } from '../../src/sandbox/logs.ts';

const latencyMs = Number(process.env.LATENCY_MS ?? 50);
const messagesOf = new Map<number, string>();
let isOut = false;

createServer((socket) => {
  let text = '';
  socket.setNoDelay().setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    text += chunk;
    for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
      take(socket, text.slice(0, end));
      text = text.slice(end + 4);
    }
  });
  socket.on('error', () => socket.destroy());
}).listen(Number(process.env.PORT), '127.0.0.1');

function take(socket: Socket, head: string): void {
  const [, path = ''] = / (\/\S*) HTTP/.exec(head) ?? [];
  if (path.startsWith('/outage/')) {
    isOut = path === '/outage/on';
    send(socket, '200 OK', '');
    return;
  }
  const [, token = ''] = /\r\nauthorization: bearer (\S+)/i.exec(head) ?? [];
  const requestId = path.slice(path.lastIndexOf('/') + 1);
  if (!requestId.startsWith('hang-')) setTimeout(() => respond(socket, requestId, token), latencyMs);
}

function respond(socket: Socket, requestId: string, token: string): void {
  const [, count] = /^rows-(\d+)-/.exec(requestId) ?? [];
  if (isOut) send(socket, '503 Service Unavailable', '{}');
  else if (token.startsWith('invalid')) send(socket, '401 Unauthorized', '{}');
  else if (count === undefined) send(socket, '500 Internal Server Error', '{}');
  else send(socket, '200 OK', logFor(requestId, Number(count), token));
}

function logFor(requestId: string, count: number, token: string): string {
  const head = `{"request_id":"${requestId}","total_recipients":${count},"channel":"${token}","messages":`;
  return `${head}${messagesFor(count)}}`;
}

function messagesFor(count: number): string {
  const known = messagesOf.get(count);
  if (known !== undefined) return known;
  const messages = JSON.stringify(logOf('', count).messages);
  messagesOf.set(count, messages);
  return messages;
}

function send(socket: Socket, status: string, body: string): void {
  const head = `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  socket.write(head + body, 'latin1');
}
