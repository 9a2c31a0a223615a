/**
 * Writes a Fetch API response to node:http: a complete body at once, a stream at the client's reading speed.
 */
import type { ServerResponse } from 'node:http';
import type { Transport } from '../telemetry.ts';
import { type Compression, codingHeaders } from './compression.ts';
import type { OpenStreams } from './open-streams.ts';
import { type RefusalKind, refuseRequest } from './refusals.ts';
import type { HandleContext } from './router.ts';

type OnSent = (transport: Transport, bytes: number, sentBytes: number) => void;

export type SendParts = { compression: Compression; openStreams: OpenStreams; onSent: OnSent };

/** Yoga's responses with these statuses have no body. */
const bodiless: Readonly<Record<number, RefusalKind>> = {
  404: 'notFound',
  406: 'notAcceptable',
  415: 'mediaTypeUnknown',
};

export async function sendResponse(
  yogaResponse: Response,
  response: ServerResponse,
  context: HandleContext,
  parts: SendParts,
) {
  const { headers, operation } = context;
  const { compression, onSent } = parts;
  const isStream = /^(text\/event-stream|multipart\/mixed)/.test(yogaResponse.headers.get('content-type') ?? '');
  if (isStream && yogaResponse.body)
    return sendStream(yogaResponse, yogaResponse.body.getReader(), response, context, parts);
  const body = Buffer.from(await yogaResponse.arrayBuffer());
  if (response.destroyed) return;
  const refusal = body.length === 0 ? bodiless[yogaResponse.status] : undefined;
  if (refusal) return refuseRequest(response, refusal, [...headers, ...headersExceptContent(yogaResponse)]);
  if (body.length < compression.minBytes || !isJson(yogaResponse)) {
    onSent('http', body.length, body.length);
    writeHead(yogaResponse, response, headers);
    response.end(body);
    return;
  }
  const { 'accept-encoding': acceptEncoding } = response.req.headers;
  const compressed = await compression.compress(body, acceptEncoding, operation.response);
  if (response.destroyed) return;
  const sent = compressed?.bytes ?? body;
  onSent('http', body.length, sent.length);
  const more = codingHeaders(compressed);
  for (let i = 0; i < more.length; i += 2) yogaResponse.headers.append(more[i] as string, more[i + 1] as string);
  yogaResponse.headers.set('content-length', String(sent.length));
  writeHead(yogaResponse, response, headers);
  response.end(sent);
}

/** Whatever else is large is a page, which is compressed already. */
function isJson({ headers }: Response): boolean {
  return /^application\/(graphql-response\+)?json\b/.test(headers.get('content-type') ?? '');
}

/** Keeps CORS headers and `Accept`, whereas the headers about the body no longer apply. */
function headersExceptContent({ headers }: Response): string[] {
  return [...headers].filter(([name]) => !name.startsWith('content-')).flat();
}

async function sendStream(
  yogaResponse: Response,
  reader: ReadableStreamDefaultReader<Uint8Array>,
  response: ServerResponse,
  { headers, operation }: HandleContext,
  { openStreams, onSent }: SendParts,
): Promise<void> {
  // A client that disconnects ends its subscription.
  response.once('close', () => reader.cancel().catch(() => {}));
  if (response.destroyed) return void reader.cancel().catch(() => {});
  writeHead(yogaResponse, response, headers);
  openStreams.add(response);
  let isWaiting = false;
  // Where the next event is written already, it is what the operation holds.
  const release = () => {
    if (isWaiting && response.writableLength === 0) operation.response?.handedOver();
  };
  const onHanded = () => {
    if (operation.response?.isHolding) setImmediate(release);
  };
  for (;;) {
    isWaiting = true;
    const { done, value } = await reader.read();
    isWaiting = false;
    if (response.destroyed) return;
    if (done) return void response.end();
    onSent('sse', value.length, value.length);
    if (!response.write(value, onHanded)) await drainOrClose(response);
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
