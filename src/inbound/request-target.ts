/**
 * The request target and the header Host, which come from anybody and are parsed here alone. What passes is in origin-form, so that
 * nothing behind this file parses a URL that can be invalid.
 */
import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';
import type { RefusalKind } from './refusals.ts';

/** Names and sub-delimiters of RFC 3986, section 3.2.2; an IPv6 address stands in brackets. */
const hostShape = /^(?:\[([0-9A-Fa-f:.]+)\]|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(?::(\d{0,5}))?$/;
const maxHostCharacters = 255 + ':65535'.length;
/** RFC 9112, section 3.2.2: a server must accept the absolute-form, too. */
const absoluteForm = /^https?:\/\/([^/?#]+)(.*)$/i;
/** Printable ASCII without `#`: a fragment is not sent. Braces and quotes are let through, since clients send queries so. */
const originForm = /^\/[!-"$-~]*$/;

/** Clients of one gateway all send the same Host: the last valid one is not checked again. */
let lastValidHost = 'localhost';

/** Puts the target into origin-form. */
export function faultInTarget(request: IncomingMessage): RefusalKind | null {
  if (!hasOneValidHost(request)) return 'hostInvalid';
  const { url = '' } = request;
  if (originForm.test(url) || (url === '*' && request.method === 'OPTIONS')) return null;
  const [, authority = '', rest = ''] = absoluteForm.exec(url) ?? [];
  const path = rest.startsWith('/') ? rest : `/${rest}`;
  // An empty host is valid as a header, and not in a URL (RFC 9110, section 4.2.1).
  if (authority === '' || authority.startsWith(':') || !isHost(authority) || !originForm.test(path))
    return 'targetInvalid';
  // RFC 9112, section 3.2.2: then the host of the target counts.
  request.url = path;
  request.headers.host = authority;
  return null;
}

export function pathOf({ url = '' }: IncomingMessage): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}

/** RFC 9112, section 3.2: no Host in HTTP/1.1, several, and an invalid one are all answered 400. */
function hasOneValidHost({ headers: { host }, rawHeaders, httpVersion }: IncomingMessage): boolean {
  if (host === undefined) return httpVersion === '1.0';
  if (host !== lastValidHost) {
    if (!isHost(host)) return false;
    lastValidHost = host;
  }
  return isOnlyOne('host', rawHeaders);
}

/** Of several, `headers` has the first alone. Names and values stand in turn. */
function isOnlyOne(header: string, rawHeaders: readonly string[]): boolean {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (name.length === header.length && name.toLowerCase() === header) count += 1;
  }
  return count === 1;
}

function isHost(host: string): boolean {
  if (host.length > maxHostCharacters) return false;
  const [whole, address, port = ''] = hostShape.exec(host) ?? [];
  return whole !== undefined && (address === undefined || isIPv6(address)) && Number(port) <= 65_535;
}
