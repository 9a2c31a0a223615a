/** What stands around every answer: the headers of the answers, and of GraphiQL's page. */
import { expect, it } from 'vitest';
import { oneLog, openHouse } from './house.ts';

it('keeps an answer out of caches, and its type from being guessed', async () => {
  await using house = await openHouse();
  for (const requestId of ['recipients-1', 'missing', 'error-500', '..']) {
    const { headers } = await house.ask(oneLog, { variables: { requestId } });
    expect(headers.get('cache-control')).toBe('private, no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-type')).toMatch(/^application\/json/);
  }
});

it('gives each call an id, which joins its lines in the log and goes upstream', async () => {
  await using house = await openHouse();
  const { headers } = await house.ask(oneLog, { variables: { requestId: 'scheduled-unreadably' } });
  const id = headers.get('x-request-id');
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  expect(house.logged.map((line) => JSON.parse(line).operationId)).toEqual([id, id, id]);
  expect(house.sandbox.calls[0]?.rawHeaders).toContain(id);
});

it('logs no more of an operation’s name than a name needs', async () => {
  await using house = await openHouse();
  await house.ask(`query ${'n'.repeat(200)} { __typename }`);
  expect(house.logged.map((line) => JSON.parse(line).operationName)).toEqual(['n'.repeat(64)]);
});

it('lets GraphiQL’s page load nothing from anywhere else, and stand in no frame', async () => {
  await using house = await openHouse();
  const page = await fetch(house.url, { headers: { accept: 'text/html' } });
  const policy = page.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/https?:|\*|unsafe-eval|script-src[^;]*unsafe-inline/);
  expect(page.headers.get('x-content-type-options')).toBe('nosniff');
});

it('answers any other path with 404 and a code', async () => {
  await using house = await openHouse();
  const response = await fetch(new URL('/admin', house.url));
  const { errors } = await response.json();
  expect([response.status, errors[0].extensions.code]).toEqual([404, 'NOT_FOUND']);
});
