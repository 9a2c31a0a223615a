/** A client of graphql-transport-ws that says what it likes, and keeps what it hears. */
import { once } from 'node:events';
import { expect } from 'vitest';
import { WebSocket } from 'ws';
import { sandboxToken } from '../src/sandbox/sandbox.ts';

export const protocol = 'graphql-transport-ws';
export const bearer = { Authorization: `Bearer ${sandboxToken}` };

// biome-ignore lint/suspicious/noExplicitAny: what came is what the test is about
type Message = any;

export async function connect(
  { url }: { url: string },
  options: { headers?: Record<string, string>; path?: string; init?: object | null } = {},
) {
  const { headers = {}, path = '/graphql', init = bearer } = options;
  const socket = new WebSocket(new URL(path, url.replace('http', 'ws')), protocol, { headers });
  const messages: Message[] = [];
  const closed = once(socket, 'close').then(([code]) => code as number);
  socket.on('message', (data) => messages.push(JSON.parse(String(data))));
  // Where the handshake is refused, this one fails too, and nobody waits for it.
  closed.catch(() => {});
  await once(socket, 'open');
  const say = (message: object) => socket.send(JSON.stringify(message));
  if (init) {
    say({ type: 'connection_init', payload: init });
    await once(socket, 'message');
  }

  /** One operation, and all that is said of it until it ends. */
  async function run(query: string, variables: object = {}, id = String(Math.random())): Promise<Message[]> {
    say({ id, type: 'subscribe', payload: { query, variables } });
    const mine = () => messages.filter((message) => message.id === id);
    await expect
      .poll(() => mine().at(-1)?.type, { interval: 5, timeout: 3000 })
      .toEqual(expect.stringMatching(/complete|error/));
    return mine();
  }

  const close = async () => {
    socket.close();
    await closed;
  };
  return { socket, messages, closed, say, run, [Symbol.asyncDispose]: close };
}
