/** The same POST in, the upstream's JSON parsed, reshaped and serialised by hand: the floor for whoever parses at all. */
import { fetchLog, serveByHand } from './peer.ts';

serveByHand(async ({ requestId, requestIds }, authorization, response) => {
  const data = requestIds
    ? { viberLogs: await Promise.all(requestIds.map((id) => fetchLog(id, authorization))) }
    : { viberLog: await fetchLog(requestId, authorization) };
  const body = JSON.stringify({ data });
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
});
