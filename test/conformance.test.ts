/** GraphQL over HTTP: the audits of the specification's working group, against the running server. */
import { auditServer, serverAudits } from 'graphql-http';
import { expect, it } from 'vitest';
import { openHouse } from './house.ts';

/** Some audits send what a browser could send unasked; a client that means it says so, with the field's own header. */
const fetchFn: typeof fetch = (url, { headers, ...init } = {}) =>
  fetch(url, { ...init, headers: { ...headers, 'apollo-require-preflight': 'true' } });

it('passes all 61 audits', async () => {
  await using house = await openHouse();
  const results = await auditServer({ url: house.url, fetchFn });
  expect(serverAudits({ url: house.url })).toHaveLength(61);
  expect(results.filter(({ status }) => status !== 'ok').map(({ name, status }) => ({ name, status }))).toEqual([]);
  expect(results).toHaveLength(61);
});
