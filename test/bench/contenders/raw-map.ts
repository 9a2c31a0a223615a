/** The same POST in, the upstream's JSON parsed, reshaped and serialised by hand: the floor for whoever parses at all. */
import { fetchLog, serveByHand, summaryOf } from './peer.ts';

serveByHand(async ({ requestId, requestIds, isSummary }, authorization, response) => {
  const data = requestIds
    ? { viberLogs: await Promise.all(requestIds.map((id) => fetchLog(id, authorization))) }
    : { viberLog: isSummary ? await fetchSummary(requestId, authorization) : await fetchLog(requestId, authorization) };
  const body = JSON.stringify({ data });
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
});

async function fetchSummary(requestId: string, authorization: string) {
  const log = await fetchLog(requestId, authorization);
  if (!('messages' in log)) return log;
  return { __typename: log.__typename, requestId: log.requestId, summary: summaryOf(log) };
}
