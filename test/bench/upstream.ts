/**
 * D7 for the benchmark: as light as it can be, since it shares a core with whoever asks the contender, and it counts.
 *
 * recipients-N-…: a log of N messages, final; sent-N-…: one that is not, and never changes; GET /calls: how often it was asked.
 * Whoever does not hand on the caller's token is refused.
 */
import { createServer, type Socket } from 'node:net';
import { logOf } from '../../src/sandbox/logs.ts';

const delayMs = Number(process.env.DELAY_MS ?? 0);
const token = 'authorization: bearer sandbox-token';
const missing = Buffer.from(
  '{"detail":{"code":"VIBER_MESSAGE_LOG_NOT_EXISTS","message":"Given viber message request id not exists."}}',
);
const tails = new Map<string, Buffer>();
let calls = 0;

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
  const path = / (\/\S*) HTTP/.exec(head)?.[1] ?? '';
  if (path === '/calls') return void send(socket, '200 OK', '', Buffer.from(String(calls)));
  calls += 1;
  if (delayMs > 0) setTimeout(() => answer(socket, head, path), delayMs);
  else answer(socket, head, path);
}

function answer(socket: Socket, head: string, path: string): void {
  if (!head.toLowerCase().includes(token)) return void send(socket, '401 Unauthorized', '', Buffer.from('{}'));
  const requestId = decodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
  const [, kind, count] = /^(recipients|sent)-(\d+)/.exec(requestId) ?? [];
  if (kind === undefined) return void send(socket, '404 Not Found', '', missing);
  send(socket, '200 OK', `{"request_id":"${requestId}`, tailOf(kind, Number(count)));
}

/** All of the log but its id, which is written before it. */
function tailOf(kind: string, count: number): Buffer {
  const known = tails.get(`${kind}${count}`);
  if (known) return known;
  const log = logOf('', count);
  if (kind === 'sent') for (const message of log.messages) message.status = 'sent';
  const tail = Buffer.from(JSON.stringify(log).slice('{"request_id":"'.length));
  tails.set(`${kind}${count}`, tail);
  return tail;
}

function send(socket: Socket, status: string, start: string, end: Buffer): void {
  const length = start.length + end.length;
  socket.cork();
  socket.write(`HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n${start}`);
  socket.write(end);
  socket.uncork();
}
