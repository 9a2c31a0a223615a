/** D7 for the soak: what it says of an id depends on the token as well, it can break, and the soak knows what is right. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';

type D7State = 'well' | 'failing' | 'silent';

export type D7 = AsyncDisposable & { url: string; calls: () => number; switchTo: (state: D7State) => void };

type Message = { msgId: string; status: 'DELIVERED' | 'SENT'; viberCost: number };
export type Log = { requestId: string; totalRecipients: number; messages: Message[] };

const delayMs = 20;
const mostMessages = 20;

/** A log of an id `followed-…` changes each second, and is never final. */
export function logOf(token: string, requestId: string, seconds: number): Log {
  const hash = createHash('sha256').update(`${token} ${requestId}`).digest();
  const isFollowed = requestId.startsWith('followed-');
  const count = isFollowed ? 2 : requestId.startsWith('large-') ? 1000 : 1 + ((hash[0] as number) % mostMessages);
  const name = hash.toString('hex', 1, 9);
  const messages = Array.from({ length: count }, (_, index): Message => {
    const msgId = isFollowed && index === 0 ? `${name}-${seconds}` : `${name}-${index}`;
    return { msgId, status: isFollowed ? 'SENT' : 'DELIVERED', viberCost: 0.0004 };
  });
  return { requestId, totalRecipients: count, messages };
}

export function secondsNow(): number {
  return Math.floor(Date.now() / 1000);
}

export async function openD7(): Promise<D7> {
  let state: D7State = 'well';
  let calls = 0;
  const held = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    calls += 1;
    const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
    const requestId = decodeURIComponent(request.url?.split('/').at(-1) ?? '');
    setTimeout(() => answer(response, token, requestId), delayMs);
  });

  function answer(response: ServerResponse, token: string, requestId: string): void {
    if (state === 'silent') {
      held.add(response);
      response.once('close', () => held.delete(response));
    } else if (state === 'failing') response.writeHead(503).end();
    else response.setHeader('content-type', 'application/json').end(documentOf(logOf(token, requestId, secondsNow())));
  }

  function switchTo(next: D7State): void {
    state = next;
    if (state === 'well') for (const response of held) response.destroy();
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const close = async () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${port}`, calls: () => calls, switchTo, [Symbol.asyncDispose]: close };
}

function documentOf({ requestId, totalRecipients, messages }: Log): string {
  return JSON.stringify({
    request_id: requestId,
    total_recipients: totalRecipients,
    channel: 'viber',
    messages: messages.map(({ msgId, status, viberCost }) => ({
      msg_id: msgId,
      country: 'AE',
      recipient: '+971509752600',
      status: status.toLowerCase(),
      number_of_viber_message: 1,
      viber_cost: viberCost,
      schedule_time: null,
    })),
  });
}
