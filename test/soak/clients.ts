/** The clients of a soak: steady callers, a noisy one, slow readers and subscribers. Each response is compared with what D7 says. */
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { createClient as createSseClient } from 'graphql-sse';
import { createClient as createWsClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { atRate, inLoops } from '../fairness/pace.ts';
import { type Log, logOf, secondsNow } from './d7.ts';
import type { Tally } from './tally.ts';

const selection = '... on ViberLog { requestId totalRecipients messages { msgId status viberCost } }';
const oneQuery = `query One($requestId: ID!) { viberLog(requestId: $requestId) { ${selection} } }`;
const pageQuery = `query Page($requestIds: [ID!]!) { viberLogs(requestIds: $requestIds) { ${selection} } }`;
const follow = `subscription Follow($requestId: ID!) { viberLog(requestId: $requestId) { ${selection} } }`;

const callers = 20;
const readsPerSecond = 60;
/** Half of the reads are of logs that have been read before, by any replica. */
const knownLogs = 200;
const noisyLoops = 4;
const pageSize = 25;
const slowReaders = 10;
/** CLIENT_STALL_SECONDS is 5. */
const slowReaderMs = 8000;
const subscribers = 10;

type Item = Log | null;
type Body = { data?: Record<string, Item | Item[]> | null; errors?: { extensions: { code: string } }[] };

export type Clients = { url: string; tally: Tally; signal: AbortSignal };

export async function readSteadily({ url, tally, signal }: Clients): Promise<void> {
  await atRate(readsPerSecond, signal, async (index) => {
    const token = `caller-${index % callers}`;
    const requestId = index % 2 === 0 ? `new-${index}` : `known-${index % knownLogs}`;
    const told = await ask({ url, tally, signal }, token, oneQuery, { requestId });
    if (told) judge(tally, token, [requestId], [told.body.data?.viberLog as Item], told, []);
  });
}

/** Pages of new logs without a pause: this caller alone may be told OVERLOADED. */
export async function readNoisily({ url, tally, signal }: Clients): Promise<void> {
  let pages = 0;
  await inLoops(noisyLoops, 0, signal, async () => {
    const page = pages++;
    const requestIds = Array.from({ length: pageSize }, (_, index) => `noise-${page}-${index}`);
    const told = await ask({ url, tally, signal }, 'noisy', pageQuery, { requestIds });
    if (told) judge(tally, 'noisy', requestIds, (told.body.data?.viberLogs ?? []) as Item[], told, ['OVERLOADED']);
  });
}

type Told = { body: Body; sentMs: number };

async function ask({ url, tally }: Clients, token: string, query: string, variables: object): Promise<Told | null> {
  const sentMs = performance.now();
  try {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
    const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
    const text = await response.text();
    if (response.status === 200) return { body: JSON.parse(text), sentMs };
    tally.addLost(`${token}: status ${response.status}`);
  } catch (error) {
    const { message, cause } = error as Error & { cause?: Error };
    tally.addLost(`${token}: ${message} ${cause?.message ?? ''}`);
  }
  return null;
}

function judge(
  tally: Tally,
  token: string,
  requestIds: readonly string[],
  items: readonly Item[],
  { body, sentMs }: Told,
  allowed: readonly string[],
): void {
  const codes = (body.errors ?? []).map(({ extensions }) => extensions.code);
  const unexplained = codes.filter((code) => !allowed.includes(code) && !tally.isExplained(code, sentMs));
  const nulls = requestIds.filter((_, index) => !items[index]).length;
  if (unexplained.length > 0) tally.addWrong(`${token} got ${[...new Set(unexplained)].join()}`);
  else if (nulls !== codes.length) tally.addWrong(`${token}: ${nulls} nulls, ${codes.length} errors`);
  tally.count('failures of D7 that were reported', codes.length);
  for (const [index, requestId] of requestIds.entries()) {
    const item = items[index];
    if (!item) continue;
    if (isDeepStrictEqual(item, logOf(token, requestId, 0))) tally.count('right logs');
    else tally.addWrong(`${token} got another log than ${requestId}: ${JSON.stringify(item).slice(0, 200)}`);
  }
}

/** They ask for much and read nothing: the gateway ends their connections, which they leave open for longer than it allows. */
export async function readNothing({ url, tally, signal }: Clients): Promise<void> {
  const { hostname, port, pathname } = new URL(url);
  const requestIds = Array.from({ length: pageSize }, (_, index) => `large-${index}`);
  const body = JSON.stringify({ query: pageQuery, variables: { requestIds } });
  const head = `POST ${pathname} HTTP/1.1\r\nhost: soak\r\ncontent-type: application/json\r\nauthorization: Bearer slow\r\ncontent-length: ${body.length}\r\n\r\n`;
  await inLoops(slowReaders, 0, signal, async () => {
    const socket = connect(Number(port), hostname, () => socket.write(head + body)).pause();
    socket.on('error', () => {});
    tally.count('slow readers');
    await pause(slowReaderMs, null, { signal }).catch(() => {});
    socket.destroy();
  });
}

export type Subscribers = {
  /** The most that one of them is behind, in seconds. */
  behindSeconds: () => number;
  close: () => Promise<void>;
};

/** The clients as they are: they try again by themselves. */
export function subscribe({ url, tally }: Omit<Clients, 'signal'>): Subscribers {
  const latest = new Map<string, number>();
  let isClosed = false;

  function sink(token: string, requestId: string) {
    latest.set(token, secondsNow());
    const fail = (what: string) => {
      if (!isClosed) tally.addWrong(`subscriber ${token}: ${what}`);
    };
    return {
      next: (event: unknown) => {
        const { data, errors } = event as Body;
        const item = data?.viberLog as Item | undefined;
        if (!item || errors) return fail(errors?.[0]?.extensions.code ?? 'no log');
        const seconds = Number(item.messages[0]?.msgId.split('-')[1]);
        if (!isDeepStrictEqual(item, logOf(token, requestId, seconds))) return fail('the log of somebody else');
        latest.set(token, seconds);
        tally.count('right events');
      },
      error: (error: unknown) => fail(`error ${error instanceof Error ? error.message : JSON.stringify(error)}`),
      complete: () => fail('completed'),
    };
  }

  const clients = Array.from({ length: subscribers }, (_, index) => {
    const isWebSocket = index % 2 === 0;
    const token = `subscriber-${index}`;
    const variables = { requestId: `followed-${index}` };
    const client = isWebSocket
      ? createWsClient({
          url: url.replace('http', 'ws'),
          webSocketImpl: WebSocket,
          connectionParams: { authorization: `Bearer ${token}` },
        })
      : createSseClient({ url, headers: { authorization: `Bearer ${token}` } });
    client.subscribe({ query: follow, variables }, sink(token, variables.requestId));
    return client;
  });

  return {
    behindSeconds: () => secondsNow() - Math.min(...latest.values()),
    async close() {
      isClosed = true;
      for (const client of clients) await client.dispose();
    },
  };
}
