/**
 * The host and the scheme that a client used, as trusted proxies report them: in `Forwarded` (RFC 7239), or in `X-Forwarded-For`, `-Proto`
 * and `-Host`. Reports of anyone else are ignored, since a client can write these headers itself.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { type BlockList, isIP } from 'node:net';
import { isHost } from './request-target.ts';

/** Null: no proxy is trusted. */
export type TrustedProxies = BlockList | null;

export type ClientView = {
  host: string | undefined;
  /** Undefined where no trusted proxy reports it: with the gateway itself clients speak HTTP. */
  scheme: 'http' | 'https' | undefined;
};

/** What one proxy reports of the connection that it took. */
type Hop = { client?: string | undefined; host?: string | undefined; scheme?: ClientView['scheme'] };

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
/** One pair of `Forwarded`, and what follows it (RFC 7239, section 4). */
const pairShape = new RegExp(`[ \\t]*(${token})=(?:"((?:[^"\\\\]|\\\\.)*)"|(${token}))[ \\t]*(;|,|$)`, 'y');

export function clientViewOf({ headers, socket }: IncomingMessage, trusted: TrustedProxies): ClientView {
  const direct = { host: headers.host, scheme: undefined };
  if (trusted === null || !isTrusted(socket.remoteAddress, trusted)) return direct;
  const standard = seenFirst(hopsIn(headers.forwarded), trusted);
  const customary = seenFirst(hopsOf(headers), trusted);
  return {
    host: agreed(standard.host, customary.host) ?? direct.host,
    scheme: agreed(standard.scheme, customary.scheme),
  };
}

/** Undefined where the two kinds of headers differ: then a client has written one of them, and a proxy has let it through. */
function agreed<Value>(one: Value | undefined, other: Value | undefined): Value | undefined {
  if (one === undefined || one === other) return other;
  return other === undefined ? one : undefined;
}

/**
 * What the first proxy that is trusted reports. Each proxy appends its hop, so the last hop is that of the proxy which sent the request,
 * and the one before it counts only where that proxy got the request from a trusted one.
 */
function seenFirst(hops: readonly Hop[], trusted: BlockList): Hop {
  let first = hops.length - 1;
  while (first > 0 && isTrusted(hops[first]?.client, trusted)) first -= 1;
  const reported = hops.slice(Math.max(first, 0));
  return {
    host: reported.find(({ host }) => host !== undefined)?.host,
    scheme: reported.find(({ scheme }) => scheme !== undefined)?.scheme,
  };
}

/** None where any of it is not valid. */
function hopsIn(forwarded: string | undefined): Hop[] {
  if (forwarded === undefined) return [];
  const hops: Hop[] = [{}];
  pairShape.lastIndex = 0;
  for (;;) {
    const [, name = '', quoted, plain, end] = pairShape.exec(forwarded) ?? [];
    if (end === undefined) return [];
    const value = quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? '';
    Object.assign(hops.at(-1) as Hop, pairOf(name.toLowerCase(), value));
    if (end === '') return hops;
    if (end === ',') hops.push({});
  }
}

function pairOf(name: string, value: string): Hop {
  switch (name) {
    case 'for':
      return { client: addressIn(value) };
    case 'host':
      return { host: hostIn(value) };
    case 'proto':
      return { scheme: schemeIn(value) };
    default:
      return {};
  }
}

/** Many proxies append to `X-Forwarded-For` and replace the other two, so these may have fewer items: those of the last hops. */
function hopsOf(headers: IncomingHttpHeaders): Hop[] {
  const clients = itemsOf(headers['x-forwarded-for']);
  const hosts = itemsOf(headers['x-forwarded-host']);
  const schemes = itemsOf(headers['x-forwarded-proto']);
  const count = Math.max(clients.length, hosts.length, schemes.length);
  const itemAt = (items: readonly string[], hop: number) => items[hop - count + items.length] ?? '';
  return Array.from({ length: count }, (_, hop) => ({
    client: addressIn(itemAt(clients, hop)),
    host: hostIn(itemAt(hosts, hop)),
    scheme: schemeIn(itemAt(schemes, hop)),
  }));
}

/** Node joins several headers of one name with commas. */
function itemsOf(header: string | string[] | undefined): string[] {
  return header === undefined
    ? []
    : String(header)
        .split(',')
        .map((item) => item.trim());
}

/** Without a port and brackets. Undefined for a name: `unknown`, or one that hides the address (RFC 7239, section 6). */
function addressIn(node: string): string | undefined {
  const address = /^\[([^\]]+)\](?::\d+)?$/.exec(node)?.[1] ?? (isIP(node) ? node : node.replace(/:\d+$/, ''));
  return isIP(address) ? address : undefined;
}

function hostIn(value: string): string | undefined {
  return value !== '' && isHost(value) ? value : undefined;
}

function schemeIn(value: string): ClientView['scheme'] {
  switch (value.toLowerCase()) {
    case 'http':
    case 'ws':
      return 'http';
    case 'https':
    case 'wss':
      return 'https';
    default:
      return undefined;
  }
}

function isTrusted(address: string | undefined, trusted: BlockList): boolean {
  const version = isIP(address ?? '');
  return address !== undefined && version !== 0 && trusted.check(address, version === 4 ? 'ipv4' : 'ipv6');
}
