/** Hive Gateway over the OpenAPI document: composed beforehand, as in production; no resolver of anybody's own. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';

const gateway = createGatewayRuntime({
  supergraph: readFileSync(process.env.SUPERGRAPH ?? '', 'utf8'),
  logging: 'error',
  transportEntries: { d7: { location: process.env.UPSTREAM ?? '' } },
  propagateHeaders: {
    fromClientToSubgraphs: ({ request: { headers } }) => ({ authorization: headers.get('authorization') ?? '' }),
  },
});
createServer(gateway).listen(Number(process.env.PORT), '127.0.0.1');
