/** GraphQL over HTTP: the audits of the specification's working group, against the running server. */
import { auditServer, serverAudits } from 'graphql-http';
import { expect, it } from 'vitest';
import { openHouse } from './house.ts';

it('passes all 61 audits', async () => {
  await using house = await openHouse();
  const results = await auditServer({ url: house.url });
  expect(serverAudits({ url: house.url })).toHaveLength(61);
  expect(results.filter(({ status }) => status !== 'ok').map(({ name, status }) => ({ name, status }))).toEqual([]);
  expect(results).toHaveLength(61);
});
