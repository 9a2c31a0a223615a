/**
 * The gateway in front of the embedded sandbox: `npm run sandbox`.
 */
import { readSandboxConfig } from './config.ts';
import { run, startOrExit } from './main.ts';
import { vendorExample } from './sandbox/logs.ts';
import { openSandbox, sandboxToken } from './sandbox/sandbox.ts';

const authorization = `Bearer ${sandboxToken}`;
const exampleRequestIds = [vendorExample.request_id, 'recipients-2', 'error-429', 'missing'];

const campaignIds = ['campaign', 'campaign-late', 'campaign-failing', 'campaign-unanswered'];

const sandbox = await startOrExit(async () => {
  const { port, speed } = readSandboxConfig(process.env);
  return openSandbox({ port, now: () => Date.now() * speed });
});
const gateway = await startOrExit(() =>
  run({
    environment: { LOG_LEVEL: 'warn', BOARD: 'on', ...process.env, D7_BASE_URL: sandbox.url },
    graphiql: {
      authorization,
      exampleRequestIds,
      exampleLargeRequestId: 'recipients-100',
      exampleLiveRequestId: 'moving',
    },
    board: { token: sandboxToken, requestIds: campaignIds },
    upstream: sandbox,
  }),
);

const query = `{ viberLog(requestId: "${vendorExample.request_id}") { ... on ViberLog { messages { status viberCost } } } }`;
console.log(`
Delivery board    ${new URL('/', gateway.url)}
GraphiQL          ${gateway.url}
Sandbox of D7     ${sandbox.url}/ lists the request ids to ask for

Or paste this into a shell:

curl -s ${gateway.url} -H 'content-type: application/json' -H 'authorization: ${authorization}' -d '${JSON.stringify({ query })}'

Ctrl-C stops both.
`);
