/** Row 10: as many responses as 256 connections get from D7 at 50 ms, in turns with a proxy that only passes bytes on. */
import { openClient } from '../bench/client.ts';
import { type Started, startScript, untilListening } from '../bench/processes.ts';
import { newIds } from './caller.ts';
import type { Throughput } from './results.ts';
import { openStage } from './stage.ts';

const connections = 256;
const turns = 7;
/** Until the code of either is compiled: a gateway that serves so much has run for longer. */
const warmUpSeconds = 12;
const query = `query One($requestId: ID!) { viberLog(requestId: $requestId) {
  ... on ViberLog { requestId channel messages { msgId country recipient status } } ... on NotFound { code } } }`;

export async function measureThroughput(root: string, seconds: number, callers: 1 | 256): Promise<Throughput> {
  await using stage = await openStage(root);
  await using raw = await startRaw(stage.upstream.port);
  const throughput: Throughput = {
    told: `${connections} connections of ${callers === 1 ? 'one caller' : `${callers} callers`}`,
    failed: 0,
    gatewayPerSecond: [],
    rawPerSecond: [],
  };
  await runLoad(stage.gateway, warmUpSeconds, callers);
  await runLoad(raw, warmUpSeconds, callers);
  for (let turn = 0; turn < turns; turn += 1) {
    const measured = await runLoad(stage.gateway, seconds, callers);
    throughput.failed += measured.failed;
    throughput.gatewayPerSecond.push(measured.perSecond);
    throughput.rawPerSecond.push((await runLoad(raw, seconds, callers)).perSecond);
  }
  return throughput;
}

/** By itself it opens no more than 64 connections to the upstream. */
async function startRaw(upstreamPort: number): Promise<Started> {
  const environment = { UPSTREAM: `http://127.0.0.1:${upstreamPort}`, CONNECTIONS: String(connections) };
  const raw = await startScript({ path: 'contenders/raw.ts', core: 0, environment });
  await untilListening(raw);
  return raw;
}

async function runLoad({ port }: Started, seconds: number, callers: number) {
  const startedMs = performance.now();
  let responses = 0;
  let failed = 0;

  async function requestUntilTheEnd(index: number): Promise<void> {
    const token = `load-${index % callers}`;
    const client = await openClient(port, `Bearer ${token}`);
    while (performance.now() < startedMs + seconds * 1000) {
      const [requestId = ''] = newIds('rows-2', 1);
      const { isGood, text } = await client.ask(JSON.stringify({ query, variables: { requestId } }));
      responses += 1;
      if (!isGood || !text.includes(`"${requestId}"`) || !text.includes(`"${token}"`)) failed += 1;
    }
    client.close();
  }

  await Promise.all(Array.from({ length: connections }, (_, index) => requestUntilTheEnd(index)));
  return { failed, perSecond: (responses * 1000) / (performance.now() - startedMs) };
}
