/**
 * Validates the request target and the header Host, which are untrusted. A valid target is in origin-form, so that no later code parses
 * an invalid URL.
 */
import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import type { RefusalKind } from './refusals.ts';

/** RFC 3986, section 3.2.2: unreserved characters and sub-delimiters, or an IPv6 address in brackets. */
const hostShape = /^(?:\[([0-9A-Fa-f:.]+)\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(?::(\d{0,5}))?$/;
const maxHostCharacters = 255 + ':65535'.length;
/** RFC 9112, section 3.2.2: a server must also accept the absolute-form. */
const absoluteForm = /^https?:\/\/([^/?#]+)(.*)$/i;
/** Printable ASCII without `#`, since clients do not send the fragment. Braces and quotes are allowed: clients send queries with them. */
const originForm = /^\/[!-"$-~]*$/;

/** Most clients of a gateway send the same Host, so the last valid one is not checked again. */
let lastValidHost = 'localhost';

/** Rewrites a valid target to origin-form. */
export function faultInTarget(request: IncomingMessage): RefusalKind | null {
  if (!hasOneValidHost(request)) return 'hostInvalid';
  const { url = '' } = request;
  if (originForm.test(url) || (url === '*' && request.method === 'OPTIONS')) return null;
  const [, authority = '', rest = ''] = absoluteForm.exec(url) ?? [];
  const path = rest.startsWith('/') ? rest : `/${rest}`;
  // An empty host is valid in the header, but not in a URL (RFC 9110, section 4.2.1).
  if (authority === '' || authority.startsWith(':') || !isHost(authority) || !originForm.test(path))
    return 'targetInvalid';
  // RFC 9112, section 3.2.2: the host of the target replaces the header.
  request.url = path;
  request.headers.host = authority;
  return null;
}

export function pathOf({ url = '' }: IncomingMessage): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}

/** RFC 9112, section 3.2: a request of HTTP/1.1 without Host, with several, or with an invalid one gets status 400. */
function hasOneValidHost({ headers: { host }, rawHeaders, httpVersion }: IncomingMessage): boolean {
  if (host === undefined) return httpVersion === '1.0';
  if (host !== lastValidHost) {
    if (!isHost(host)) return false;
    lastValidHost = host;
  }
  return isOnlyOne('host', rawHeaders);
}

/** `headers` contains only the first of several Host headers. In `rawHeaders` names and values alternate. */
function isOnlyOne(header: string, rawHeaders: readonly string[]): boolean {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (name.length === header.length && name.toLowerCase() === header) count += 1;
  }
  return count === 1;
}

export function isHost(host: string): boolean {
  if (host.length > maxHostCharacters) return false;
  const [whole, address, port = ''] = hostShape.exec(host) ?? [];
  return whole !== undefined && (address === undefined || isIPv6(address)) && Number(port) <= 65_535;
}
