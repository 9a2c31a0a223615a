/** An upstream that answers with raw bytes, for whatever no decent HTTP server would send. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

/** What it says to one request: bytes, or what it does with the socket. */
export type Says = string | Buffer | ((socket: Socket) => void);

export type FakeUpstream = AsyncDisposable & {
  url: string;
  /** The request ids that were asked for, in order. */
  asked: string[];
  /** The request lines, as they came. */
  lines: string[];
};

export type FakeOptions = {
  server?: (onConnection: (socket: Socket) => void) => Server;
  scheme?: 'http' | 'https';
};

export async function openFakeUpstream(
  says: (requestId: string, asked: number) => Says,
  { server: createWith = createServer, scheme = 'http' }: FakeOptions = {},
): Promise<FakeUpstream> {
  const asked: string[] = [];
  const lines: string[] = [];
  const sockets = new Set<Socket>();

  const server = createWith((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    let head = '';
    socket.on('data', (chunk) => {
      head += chunk;
      if (!head.includes('\r\n\r\n')) return;
      const requestId = decodeURIComponent(/^GET \S*\/([^/ ]+) /.exec(head)?.[1] ?? '');
      lines.push(head.slice(0, head.indexOf('\r\n')));
      head = '';
      asked.push(requestId);
      const answer = says(requestId, asked.length);
      if (typeof answer === 'function') answer(socket);
      else socket.write(answer);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };

  async function close(): Promise<void> {
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, 'close');
  }
  return { url: `${scheme}://127.0.0.1:${port}`, asked, lines, [Symbol.asyncDispose]: close };
}

export function http(status: string, body: string | Buffer, headers: Record<string, string | number> = {}): Buffer {
  const all = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status}\r\n${lines.join('')}\r\n`), Buffer.from(body)]);
}

export const message = {
  msg_id: 'm1',
  country: 'AE',
  recipient: '+971509752600',
  status: 'sent',
  number_of_viber_message: 1,
  viber_cost: 0.0004,
  schedule_time: null,
};

export function log(requestId: string, messages: readonly unknown[] = [message]): string {
  return JSON.stringify({ request_id: requestId, total_recipients: messages.length, channel: 'viber', messages });
}
