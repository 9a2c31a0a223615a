/**
 * The connection to the gateway: urql over one WebSocket. Server-sent events would need one connection for each card, and a browser has six.
 */
import { Client, subscriptionExchange } from '@urql/core';
import { createClient } from 'graphql-ws';
import manifest from './generated/persisted-documents.json' with { type: 'json' };
import { type Observable, observable } from './observable.ts';

export type ConnectionState = {
  /** Idle: nothing is followed, so nothing is connected. */
  status: 'connecting' | 'connected' | 'lost' | 'idle';
  since: number;
  /** The last time that it was lost and came back. */
  restored: { lostAt: number; at: number } | null;
};

export type Connection = {
  client: Client;
  state: Observable<ConnectionState>;
  close: () => void;
};

const pingEveryMs = 10_000;
const pongWithinMs = 5000;
const maxRetryPauseMs = 8000;
const normalClosure = 1000;

export function connect(gateway: string, token: string): Connection {
  const state = observable<ConnectionState>({ status: 'connecting', since: Date.now(), restored: null });
  let inFlight = 0;
  const become: Become = (next) => {
    // Without an operation nothing needs the connection, and nothing would restore it.
    const status = next === 'lost' && inFlight === 0 ? 'idle' : next;
    const before = state.get();
    if (before.status === status) return;
    const since = Date.now();
    const isBack = before.status === 'lost' && status === 'connected';
    state.set({ status, since, restored: isBack ? { lostAt: before.since, at: since } : before.restored });
  };
  const socket = openSocket(gateway, token, become);

  /** @returns the end of the operation. Only its first call counts. */
  function begin(): () => void {
    let isOver = false;
    inFlight += 1;
    return () => {
      if (isOver) return;
      isOver = true;
      inFlight -= 1;
      if (inFlight === 0 && state.get().status === 'lost') become('idle');
    };
  }

  const overSocket = subscriptionExchange({
    enableAllOperations: true,
    forwardSubscription: ({ query = '', variables }, operation) => ({
      subscribe(sink) {
        let isEmpty = true;
        const end = begin();
        const payload = { query: trustedText(operation.query) ?? query, variables: variables ?? {} };
        const unsubscribe = socket.subscribe(payload, {
          next(result) {
            const { data = null, errors } = result;
            // urql keeps the errors of the event before, unless the next one has a list of its own. In a first one, an empty list is an error.
            if (errors || !isEmpty) sink.next({ data, errors: errors ?? [] });
            else sink.next({ data });
            isEmpty = false;
          },
          error(error) {
            end();
            sink.error(error as Error);
          },
          complete() {
            end();
            if (isEmpty) sink.next({ errors: [{ message: 'The stream ended before its first event.' }] });
            sink.complete();
          },
        });
        return {
          unsubscribe() {
            end();
            unsubscribe();
          },
        };
      },
    }),
  });
  const client = new Client({ url: gateway, preferGetMethod: false, exchanges: [overSocket] });
  return { client, state, close: () => void socket.dispose() };
}

type Become = (status: ConnectionState['status']) => void;

function openSocket(gateway: string, token: string, become: Become) {
  let pong: ReturnType<typeof setTimeout> | undefined;
  const client = createClient({
    url: gateway.replace(/^http/, 'ws'),
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: (retries) => pause(Math.min(maxRetryPauseMs, 500 * 2 ** retries) * (0.75 + Math.random() / 2)),
    // The address may be wrong, or the gateway not up yet: both look the same from here.
    shouldRetry: () => true,
    keepAlive: pingEveryMs,
    on: {
      connected: () => become('connected'),
      closed: (event) => {
        clearTimeout(pong);
        become((event as CloseEvent).code === normalClosure ? 'idle' : 'lost');
      },
      error: () => become('lost'),
      // A network that has gone closes nothing.
      ping: (isReceived) => {
        if (!isReceived) pong = setTimeout(() => terminate(), pongWithinMs);
      },
      pong: (isReceived) => {
        if (isReceived) clearTimeout(pong);
      },
    },
  });

  function terminate(): void {
    become('lost');
    client.terminate();
  }

  addEventListener('offline', terminate);
  return {
    subscribe: client.subscribe,
    dispose() {
      removeEventListener('offline', terminate);
      clearTimeout(pong);
      return client.dispose();
    },
  };
}

/** As the manifest has it: a gateway that runs trusted documents only knows the text by its hash. */
function trustedText(document: object): string | undefined {
  const { __meta__ } = document as { __meta__?: { hash: keyof typeof manifest } };
  return __meta__ && manifest[__meta__.hash];
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      removeEventListener('online', finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    addEventListener('online', finish);
  });
}
