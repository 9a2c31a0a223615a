/** The dumb proxy: node:http and undici, the upstream's bytes passed through. No GraphQL, nothing parsed but the ids. */
import { pathOf, pool, serveByHand } from './peer.ts';

serveByHand(async ({ requestId, representations, requestIds: ids }, authorization, response) => {
  const requestIds = ids ?? representations?.map((representation) => representation.requestId) ?? [requestId];
  const headers = { authorization };
  const answers = await Promise.all(requestIds.map((id) => pool.request({ method: 'GET', path: pathOf(id), headers })));
  const bodies = await Promise.all(answers.map(({ body }) => body.arrayBuffer()));
  response.setHeader('content-type', 'application/json');
  response.setHeader(
    'content-length',
    bodies.reduce((sum, { byteLength }) => sum + byteLength, 0),
  );
  for (const body of bodies) response.write(new Uint8Array(body));
  response.end();
});
