/**
 * D7 for the benchmark: as light as it can be, since it shares a core with whoever asks the contender, and it counts.
 *
 * GET /calls: how often it was asked; any other path ends with a request id, see upstream-logs.ts. Whoever does
 * not hand on the caller's token is refused.
 */
import { createServer, type Socket } from 'node:net';
import { kindOf, type LogKind, missing, tailOf } from './upstream-logs.ts';

const delayMs = Number(process.env.DELAY_MS ?? 0);
const token = 'authorization: bearer sandbox-token';
const missingBody = Buffer.from(missing);
const tails = new Map<string, { version: number; tail: Buffer }>();
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
  const kind = kindOf(requestId);
  if (kind === null) return void send(socket, '404 Not Found', '', missingBody);
  send(socket, '200 OK', `{"request_id":"${requestId}`, knownTailOf(kind));
}

function knownTailOf(kind: LogKind): Buffer {
  const name = `${kind.kind}-${kind.count}`;
  const known = tails.get(name);
  if (known?.version === kind.version) return known.tail;
  const tail = Buffer.from(tailOf(kind));
  tails.set(name, { version: kind.version, tail });
  return tail;
}

function send(socket: Socket, status: string, start: string, end: Buffer): void {
  const length = start.length + end.length;
  socket.cork();
  socket.write(`HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n${start}`);
  socket.write(end);
  socket.uncork();
}
