/**
 * What undici reports of one call while the client of D7 makes it: when it was connected and answered, over which TLS, and its body.
 *
 * undici publishes it on diagnostics channels, so that the call is exactly the one that the gateway makes.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

export type Tls = { protocol: string; certificateDaysLeft: number };

export type Timeline = {
  /** All times are milliseconds since the start of the call. */
  connectedMs?: number;
  /** Absent with plain http. */
  tls?: Tls;
  headersMs?: number;
  status?: number;
  contentType?: string;
  readonly bodyParts: Buffer[];
};

type Connected = { connectParams: { host: string; protocol: string }; socket: Socket };
type OfRequest = { request: { origin: unknown } };
type Headers = OfRequest & { response: { statusCode: number; headers: readonly Buffer[] } };
type Part = OfRequest & { chunk: Buffer };

const msPerDay = 86_400_000;

/** Until it is stopped. @param origin of D7: other calls of the process are not recorded. */
export function recordTimeline(origin: string): { timeline: Timeline; stop: () => void } {
  const startedMs = performance.now();
  const timeline: Timeline = { bodyParts: [] };
  const elapsedMs = () => Math.round(performance.now() - startedMs);
  const isOurs = ({ request }: OfRequest) => String(request.origin) === origin;

  function onConnected({ connectParams: { protocol, host }, socket }: Connected): void {
    if (`${protocol}//${host}` !== origin) return;
    timeline.connectedMs = elapsedMs();
    if (socket instanceof TLSSocket) timeline.tls = tlsOf(socket);
  }

  function onHeaders(message: Headers): void {
    const { statusCode, headers } = message.response;
    if (!isOurs(message) || statusCode < 200) return;
    timeline.headersMs = elapsedMs();
    timeline.status = statusCode;
    timeline.contentType = contentTypeIn(headers);
  }

  function onPart(message: Part): void {
    if (isOurs(message)) timeline.bodyParts.push(message.chunk);
  }

  const listeners = {
    'undici:client:connected': onConnected,
    'undici:request:headers': onHeaders,
    'undici:request:bodyChunkReceived': onPart,
  } as Record<string, (message: unknown) => void>;
  for (const [channel, listener] of Object.entries(listeners)) subscribe(channel, listener);
  const stop = () => {
    for (const [channel, listener] of Object.entries(listeners)) unsubscribe(channel, listener);
  };
  return { timeline, stop };
}

function tlsOf(socket: TLSSocket): Tls {
  const endsMs = Date.parse(socket.getPeerCertificate().valid_to);
  return {
    protocol: socket.getProtocol() ?? 'unknown',
    certificateDaysLeft: Math.floor((endsMs - Date.now()) / msPerDay),
  };
}

/** As undici has them: names and values alternate. Empty where there is none. */
function contentTypeIn(headers: readonly Buffer[]): string {
  const texts = headers.map(String);
  const at = texts.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === 'content-type');
  return at < 0 ? '' : (texts[at + 1] ?? '');
}
