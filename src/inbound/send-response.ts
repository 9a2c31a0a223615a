/**
 * Writes a response of the Fetch API to node:http: a finished body in one piece, a stream as fast as the client reads it.
 */
import type { ServerResponse } from 'node:http';
import { type RefusalKind, refuseRequest } from './refusals.ts';

/** Yoga answers these without a body. */
const bodiless: Readonly<Record<number, RefusalKind>> = {
  404: 'notFound',
  406: 'notAcceptable',
  415: 'mediaTypeUnknown',
};

/** @param headers what every response bears: names and values in turn. */
export async function sendResponse(answered: Response, response: ServerResponse, headers: readonly string[]) {
  const isStream = /^(text\/event-stream|multipart\/mixed)/.test(answered.headers.get('content-type') ?? '');
  if (isStream && answered.body) return sendStream(answered, answered.body.getReader(), response, headers);
  const body = Buffer.from(await answered.arrayBuffer());
  if (response.destroyed) return;
  const refusal = body.length === 0 ? bodiless[answered.status] : undefined;
  if (refusal) return refuseRequest(response, refusal, [...headers, ...headersBeside(answered)]);
  writeHead(answered, response, headers);
  response.end(body);
}

/** What Yoga says of other origins and of what it accepts, without what it says of the body. */
function headersBeside({ headers }: Response): string[] {
  return [...headers].filter(([name]) => !name.startsWith('content-')).flat();
}

async function sendStream(
  answered: Response,
  reader: ReadableStreamDefaultReader<Uint8Array>,
  response: ServerResponse,
  headers: readonly string[],
): Promise<void> {
  // A client that disconnects ends its subscription.
  response.once('close', () => reader.cancel().catch(() => {}));
  if (response.destroyed) return void reader.cancel().catch(() => {});
  writeHead(answered, response, headers);
  for (;;) {
    const { done, value } = await reader.read();
    if (response.destroyed) return;
    if (done) return void response.end();
    if (!response.write(value)) await drainOrClose(response);
  }
}

function writeHead({ status, headers }: Response, response: ServerResponse, more: readonly string[]): void {
  response.statusCode = status;
  for (let i = 0; i < more.length; i += 2) response.setHeader(more[i] as string, more[i + 1] as string);
  for (const [name, value] of headers) response.setHeader(name, value);
}

function drainOrClose(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      response.off('drain', settle).off('close', settle);
      resolve();
    };
    response.on('drain', settle).on('close', settle);
  });
}
