/** The address of the gateway: its spellings, what a browser sees there, and requests that ask for something else. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { liveLog, openHouse } from './house.ts';
import { connect } from './websocket-client.ts';

const preflighted = { 'apollo-require-preflight': '1' };
const browser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };
const production = { settings: { NODE_ENV: 'production' } };

it('A slash at the end of the path changes nothing, over any transport', async () => {
  // graphql-hive/graphql-yoga#2893
  await using house = await openHouse();
  const url = `${house.url}/`;
  const data = { data: { __typename: 'Query' } };
  const body = '{"query":"{ __typename }"}';
  for (const accept of ['application/json', 'application/json, text/html;q=0.1']) {
    const headers = { 'content-type': 'application/json', accept };
    expect(await (await fetch(url, { method: 'POST', headers, body })).json()).toEqual(data);
  }
  const events = { 'content-type': 'application/json', accept: 'text/event-stream' };
  expect(await (await fetch(url, { method: 'POST', headers: events, body })).text()).toContain(JSON.stringify(data));
  const search = '?query={__typename}';
  expect(await (await fetch(url + search, { headers: preflighted })).json()).toEqual(data);
  for (const path of ['', '?subscriptions=ws']) {
    const page = await fetch(url + path, { headers: browser });
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    await page.arrayBuffer();
  }
  const socket = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws');
  await once(socket, 'open');
  socket.terminate();
  const other = await fetch(`${url}/`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  expect(other.status).toBe(404);
});

it.each([{}, production])('The root says what this is and where to look: %j', async (options) => {
  await using house = await openHouse(options);
  const root = new URL('/', house.url);
  for (const headers of [browser, { accept: '*/*' }]) {
    const response = await fetch(root, { headers });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
    expect(await response.text()).toMatch(/Viber log gateway.*\/graphql.*\/health.*\/ready/s);
  }
  expect((await fetch(root, { method: 'POST' })).status).toBe(404);
});

it('A browser sees in production what this is and what to do', async () => {
  await using house = await openHouse(production);
  for (const url of [house.url, `${house.url}/`]) {
    const response = await fetch(url, { headers: browser });
    expect([response.status, response.headers.get('content-type')]).toEqual([406, 'text/plain; charset=utf-8']);
    expect(await response.text()).toMatch(/GraphQL endpoint of the Viber log gateway.*README.*POST/s);
  }
});

it.each([
  [1, 'PersistedQueryNotFound', 'PERSISTED_QUERY_NOT_FOUND'],
  [2, 'PersistedQueryNotSupported', 'PERSISTED_QUERY_NOT_SUPPORTED'],
])('A client that sends the hash of a query is told to send the query, version %d', async (version, message, code) => {
  // apollographql/apollo-server#982
  await using house = await openHouse();
  const sha256Hash = createHash('sha256').update('{ __typename }').digest('hex');
  const extensions = { persistedQuery: { version, sha256Hash } };
  const error = { message, extensions: { code } };
  const headers = { 'content-type': 'application/json', accept: 'application/graphql-response+json, application/json' };
  const post = (params: object) => fetch(house.url, { method: 'POST', headers, body: JSON.stringify(params) });
  const search = new URLSearchParams({ extensions: JSON.stringify(extensions) });
  const get = () => fetch(`${house.url}?${search}`, { headers: preflighted });
  for (const ask of [() => post({ extensions }), () => post({ operationName: 'A', variables: {}, extensions }), get]) {
    const response = await ask();
    expect([response.status, await response.json()]).toEqual([200, { errors: [error] }]);
  }
  const events = { ...headers, accept: 'text/event-stream' };
  const stream = await fetch(house.url, { method: 'POST', headers: events, body: JSON.stringify({ extensions }) });
  expect(await stream.text()).toContain(JSON.stringify({ errors: [error] }));
  const whole = await post({ query: '{ __typename }', extensions });
  expect(await whole.json()).toEqual({ data: { __typename: 'Query' } });
});

it('A client that sends the hash of a query over WebSocket is told so, beside a subscription', async () => {
  // apollographql/apollo-server#982
  await using house = await openHouse();
  await using client = await connect(house);
  client.say({ id: 'live', type: 'subscribe', payload: { query: liveLog, variables: { requestId: 'moving' } } });
  const eventCount = () => client.messages.filter(({ id, type }) => id === 'live' && type === 'next').length;
  await expect.poll(eventCount).toBe(1);
  const extensions = { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } };
  for (const [id, payload] of Object.entries({
    missing: { extensions },
    null: { query: null, extensions },
    // The protocol requires a query, so some clients send this.
    empty: { query: '', extensions },
  })) {
    client.say({ id, type: 'subscribe', payload });
    const mine = () => client.messages.filter((message) => message.id === id);
    const error = { message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } };
    await expect.poll(mine).toEqual([{ id, type: 'error', payload: [error] }]);
  }
  expect((await client.run('{ __typename }')).map(({ type }) => type)).toEqual(['next', 'complete']);
  await expect.poll(eventCount, { timeout: 5000 }).toBeGreaterThan(1);
});

it.each([
  // Neither is a query without its text any business of persisted queries, nor what only mentions them.
  { query: null },
  { variables: { a: 'persistedQuery' } },
  { extensions: { persistedQuery: null } },
  { query: 1, extensions: { persistedQuery: {} } },
])('A payload without a query ends the connection, as the protocol has it: %j', async (payload) => {
  await using house = await openHouse();
  const client = await connect(house);
  client.say({ id: '1', type: 'subscribe', payload });
  expect(await client.closed).toBe(4400);
});

it.each(['variables', 'extensions'])('%s that are not JSON are refused with a code', async (name) => {
  // strawberry-graphql/strawberry#3932
  await using house = await openHouse();
  for (const value of ['nope', '[', '1', '"a"', '[]']) {
    const search = new URLSearchParams({ query: '{ __typename }', [name]: value });
    const response = await fetch(`${house.url}?${search}`, { headers: preflighted });
    expect([response.status, (await response.json()).errors[0].extensions.code], value).toEqual([400, 'BAD_REQUEST']);
  }
});
