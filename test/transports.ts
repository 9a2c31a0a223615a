/** One operation over each of the ways that lead into the house. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { sandboxToken } from '../src/sandbox/sandbox.ts';
import type { House } from './house.ts';

export type Call = {
  query?: string;
  variables?: Record<string, unknown>;
  operationName?: string;
  /** Other parameters of the request. */
  more?: Record<string, unknown>;
  /** The value of `Authorization`; null sends none. */
  authorization?: string | null;
};

export type Outcome = {
  /** Undefined over WebSocket. */
  status: number | undefined;
  headers: Headers | undefined;
  /** How long the whole message was. */
  bytes: number;
  // biome-ignore lint/suspicious/noExplicitAny: what came is what the test is about
  body: any;
};

export type Transport = (house: House, call: Call) => Promise<Outcome>;

/** `Accept` decides the way of a POST: only Yoga knows what to make of these two. */
const byYoga = 'application/json, text/html;q=0.1';
const byEvents = 'text/event-stream';

export const transports = {
  'POST by the fast path': (house, call) => post(house, call, 'application/json'),
  'POST through Yoga': (house, call) => post(house, call, byYoga),
  GET: get,
  'server-sent events': (house, call) => post(house, call, byEvents),
  WebSocket: overWebSocket,
} satisfies Record<string, Transport>;

/** GET has no room for what is longer than a header may be. */
export const largeTransports = Object.entries(transports).filter(([name]) => name !== 'GET');

function headersFor({ authorization = `Bearer ${sandboxToken}` }: Call, accept: string): Record<string, string> {
  const headers = { accept, 'content-type': 'application/json', 'apollo-require-preflight': 'true' };
  return authorization === null ? headers : { ...headers, authorization };
}

async function post(house: House, call: Call, accept: string): Promise<Outcome> {
  const { query, variables, operationName, more } = call;
  const body = JSON.stringify({ query, variables, operationName, ...more });
  return outcomeOf(await fetch(house.url, { method: 'POST', headers: headersFor(call, accept), body }));
}

async function get(house: House, call: Call): Promise<Outcome> {
  const { query, variables = {}, operationName, more } = call;
  const given = Object.entries({ query, variables, operationName, ...more }).filter(([, value]) => value !== undefined);
  const texts = given.map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]);
  const url = `${house.url}?${new URLSearchParams(Object.fromEntries(texts))}`;
  return outcomeOf(await fetch(url, { headers: headersFor(call, 'application/json') }));
}

async function outcomeOf(response: Response): Promise<Outcome> {
  const { status, headers } = response;
  const text = await response.text();
  const isEvents = headers.get('content-type')?.startsWith(byEvents);
  const json = isEvents ? (/^event: next\ndata: (.*)$/m.exec(text)?.[1] ?? '') : text;
  return { status, headers, bytes: Buffer.byteLength(json), body: JSON.parse(json) };
}

/** An `error` message has the errors alone: they are put as a response has them. */
async function overWebSocket(
  house: House,
  { query, variables, operationName, more, authorization = `Bearer ${sandboxToken}` }: Call,
): Promise<Outcome> {
  const socket = new WebSocket(house.url.replace('http', 'ws'), 'graphql-transport-ws');
  try {
    await once(socket, 'open');
    const payload = authorization === null ? {} : { authorization };
    socket.send(JSON.stringify({ type: 'connection_init', payload }));
    await once(socket, 'message');
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query, variables, operationName, ...more } }));
    const [data] = await once(socket, 'message');
    const { type, payload: body } = JSON.parse(String(data));
    return {
      status: undefined,
      headers: undefined,
      bytes: data.length,
      body: type === 'error' ? { errors: body } : body,
    };
  } finally {
    socket.terminate();
  }
}
