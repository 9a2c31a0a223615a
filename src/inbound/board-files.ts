/**
 * Serves the delivery board: the built files of `src/board/dist`, read and compressed once. The gateway knows nothing else of the board, which is a
 * client like any other.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { codingFor } from './content-codings.ts';

export type BoardConfig = {
  /** The origins of other gateways that the page may call. */
  gateways: readonly string[];
};

/** What the page's form contains at first. In production nothing: it is for the sandbox. */
export type BoardHints = { token: string; requestIds: readonly string[] };

export type ServeBoard = (request: IncomingMessage, response: ServerResponse, headers: readonly string[]) => boolean;

type File = { type: string; content: Buffer; gzipped: Buffer | null; etag: string };

const dist = new URL('../board/dist/', import.meta.url);
const page = 'index.html';
const types: Record<string, string> = {
  [page]: 'text/html; charset=utf-8',
  'board.js': 'text/javascript; charset=utf-8',
  'board.css': 'text/css; charset=utf-8',
  'icon.svg': 'image/svg+xml',
  'licenses.txt': 'text/plain; charset=utf-8',
  'inter.woff2': 'font/woff2',
};

/** The page is at `/`, for whoever accepts HTML; its files are below `/board/`. @returns of each request whether it was for the board. */
export function createBoardFiles({ gateways }: BoardConfig, hints: BoardHints | null): ServeBoard {
  const files = new Map(Object.keys(types).map((name) => readFile(name, hints)));
  const policy = policyFor(gateways);

  return (request, response, headers) => {
    const file = files.get(nameFor(request));
    if (file === undefined) return false;
    const isKnown = request.headers['if-none-match'] === file.etag;
    const gzipped = codingFor(request.headers['accept-encoding'], ['gzip']) ? file.gzipped : null;
    const body = isKnown ? null : (gzipped ?? file.content);
    response.writeHead(isKnown ? 304 : 200, [
      ...withoutCacheControl(headers),
      ...['cache-control', 'private, no-cache', 'etag', file.etag, 'vary', 'Accept, Accept-Encoding'],
      ...['content-security-policy', policy, 'referrer-policy', 'no-referrer'],
      ...(body ? ['content-type', file.type, 'content-length', String(body.length)] : []),
      ...(body && gzipped ? ['content-encoding', 'gzip'] : []),
    ]);
    response.end(request.method === 'HEAD' ? undefined : (body ?? undefined));
    return true;
  };
}

/** Empty for what is not the board's. */
function nameFor({ method, url = '', headers: { accept } }: IncomingMessage): string {
  if (method !== 'GET' && method !== 'HEAD') return '';
  const [path = ''] = url.split('?');
  if (path === '/') return accept?.includes('text/html') ? page : '';
  const name = path.startsWith('/board/') ? path.slice('/board/'.length) : '';
  return name === page ? '' : name;
}

function readFile(name: string, hints: BoardHints | null): [name: string, file: File] {
  const built = readFileSync(new URL(name, dist));
  const content = name === page ? Buffer.from(withHints(String(built), hints)) : built;
  return [
    name,
    {
      type: types[name] as string,
      content,
      gzipped: name.endsWith('.woff2') ? null : gzipSync(content),
      etag: etagOf(content),
    },
  ];
}

/** Its own files, and connections to gateways. Views set the lengths of bars through the DOM, which no policy concerns. */
function policyFor(gateways: readonly string[]): string {
  const sockets = gateways.map((origin) => origin.replace(/^http/, 'ws'));
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    `connect-src ${["'self'", ...gateways, ...sockets].join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function withHints(html: string, hints: BoardHints | null): string {
  const metas = hints === null ? '' : meta('board-token', hints.token) + meta('board-ids', hints.requestIds.join());
  return html.replace('<!--board-->\n', metas);
}

function meta(name: string, content: string): string {
  const escaped = content.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
  return `<meta name="${name}" content="${escaped}">\n`;
}

function etagOf(content: Buffer): string {
  return `"${createHash('sha256').update(content).digest('base64url')}"`;
}

/** Headers of every response: names and values in turn. */
function withoutCacheControl(headers: readonly string[]): string[] {
  return headers.flatMap((name, index) =>
    index % 2 === 0 && name !== 'cache-control' ? [name, headers[index + 1] as string] : [],
  );
}
