/** D7 for the benchmark: as fast as a process of Node can be, and it counts. `GET /calls` tells how often it was asked. */
import { createServer } from 'node:http';
import { logOf } from '../../src/sandbox/logs.ts';

const delayMs = Number(process.env.DELAY_MS ?? 0);
const missing = Buffer.from(
  JSON.stringify({
    detail: { code: 'VIBER_MESSAGE_LOG_NOT_EXISTS', message: 'Given viber message request id not exists.' },
  }),
);
const tails = new Map<number, Buffer>();
let calls = 0;

/** All of the log but its id, which is written before it. */
function tailOf(count: number): Buffer {
  const known = tails.get(count);
  if (known) return known;
  const tail = Buffer.from(JSON.stringify(logOf('', count)).slice('{"request_id":"'.length));
  tails.set(count, tail);
  return tail;
}

createServer((request, response) => {
  if (request.url === '/calls') return void response.end(String(calls));
  calls += 1;
  const requestId = decodeURIComponent(request.url?.split('/').at(-1) ?? '');
  const count = Number(/^recipients-(\d+)/.exec(requestId)?.[1]);
  const answer = () => {
    if (Number.isNaN(count)) {
      response.writeHead(404, { 'content-type': 'application/json', 'content-length': missing.length });
      return response.end(missing);
    }
    const tail = tailOf(count);
    const head = Buffer.from(`{"request_id":"${requestId}`);
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': head.length + tail.length });
    response.write(head);
    return response.end(tail);
  };
  if (delayMs > 0) setTimeout(answer, delayMs);
  else answer();
}).listen(Number(process.env.PORT), '127.0.0.1');
