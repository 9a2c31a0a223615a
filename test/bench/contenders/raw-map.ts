/** The same POST in, the upstream's JSON parsed, reshaped and serialised by hand: the floor for whoever parses at all. */
import { fetchLog, serveByHand, summaryOf, type Variables } from './peer.ts';

serveByHand(async (variables, authorization, response) => {
  const body = JSON.stringify({ data: await dataOf(variables, authorization) });
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
});

async function dataOf({ requestId, requestIds, representations, isSummary }: Variables, authorization: string) {
  if (requestIds) return { viberLogs: await Promise.all(requestIds.map((id) => fetchLog(id, authorization))) };
  if (representations) {
    const entityOf = async ({ requestId: id }: { requestId: string }) => ({ log: await fetchLog(id, authorization) });
    return { _entities: await Promise.all(representations.map(entityOf)) };
  }
  return {
    viberLog: isSummary ? await fetchSummary(requestId, authorization) : await fetchLog(requestId, authorization),
  };
}

async function fetchSummary(requestId: string, authorization: string) {
  const log = await fetchLog(requestId, authorization);
  if (!('messages' in log)) return log;
  return { __typename: log.__typename, requestId: log.requestId, summary: summaryOf(log) };
}
