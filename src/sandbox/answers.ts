/**
 * The sandbox's kinds of responses: JSON, D7's error bodies, a proxy's HTML page, and bodies that never end.
 */
import type { ServerResponse } from 'node:http';
import { logOf } from './logs.ts';

const dripIntervalMs = 50;
const megabyte = 1024 * 1024;

export const noSuchLogDetail = {
  code: 'VIBER_MESSAGE_LOG_NOT_EXISTS',
  message: 'Given viber message request id not exists in the system. Please Try Again!',
};

export function sendNoSuchLog(response: ServerResponse): void {
  sendDetail(response, 404, noSuchLogDetail);
}

export function sendUnauthorized(response: ServerResponse): void {
  sendDetail(response, 401, { code: 'UNAUTHORIZED', message: 'Invalid API token' });
}

export function sendDetail(
  response: ServerResponse,
  status: number,
  detail: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify({ detail }));
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  sendText(response, status, 'application/json', JSON.stringify(body));
}

export function sendPage(response: ServerResponse, status: number, title: string): void {
  sendText(
    response,
    status,
    'text/html',
    `<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`,
  );
}

export function sendText(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) }).end(body);
}

export function dripForEver(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  const drip = setInterval(() => response.write(' '), dripIntervalMs);
  response.once('close', () => clearInterval(drip));
}

/** Valid JSON, written only as fast as it is read, so that the sandbox needs little memory. */
export function sendLargeList(response: ServerResponse, megabytes: number): void {
  const chunk = `${'0,'.repeat(32 * 1024)}`;
  let left = megabytes * megabyte;
  response.writeHead(200, { 'content-type': 'application/json' });
  const writeMore = () => {
    while (left > 0 && !response.destroyed) {
      left -= chunk.length;
      if (!response.write(chunk)) return response.once('drain', writeMore);
    }
    return response.end('0]}');
  };
  response.write('{"messages":[');
  writeMore();
}

/**
 * The JSON of the messages, by their number. A load test reads logs of one size under many ids, and must not measure how fast the sandbox
 * builds JSON.
 */
const messagesJson = new Map<number, string>();

export function sendLogOf(response: ServerResponse, requestId: string, count: number): void {
  let messages = messagesJson.get(count);
  if (messages === undefined) {
    messages = JSON.stringify(logOf('', count).messages);
    if (messagesJson.size >= 16) messagesJson.clear();
    messagesJson.set(count, messages);
  }
  const { messages: _, ...head } = { ...logOf(requestId, 0), total_recipients: count };
  sendText(response, 200, 'application/json', `${JSON.stringify(head).slice(0, -1)},"messages":${messages}}`);
}
