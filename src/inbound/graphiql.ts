/**
 * GraphiQL as a single page that needs no network: it contains its script, styles and workers.
 *
 * Yoga would build the 9 MB for each request and send them uncompressed. This plug-in builds and compresses the page at the first request,
 * and browsers revalidate their cached copy by its ETag.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { GraphQLSchema } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { codingFor } from './content-codings.ts';
import { exampleOperations, type GraphiQLExamples } from './graphiql-examples.ts';
import { schemaForPage } from './graphiql-schema.ts';
import { page } from './media-types.ts';

export type GraphiQLOptions = GraphiQLExamples & {
  /** The initial value of `Authorization` in the header editor. */
  authorization: string;
};

/** The transport of subscriptions. `?subscriptions=ws` in the page's address selects WebSocket, to try that as well. */
type Protocol = 'SSE' | 'WS';

type Page = { html: Uint8Array<ArrayBuffer>; gzipped: Uint8Array<ArrayBuffer>; etag: string; policy: string };

/** @param schema as the page shows it; without it, GraphiQL asks for it like any client. */
export function useOfflineGraphiQL(endpoint: string, options: GraphiQLOptions, schema?: GraphQLSchema): Plugin {
  const pages: Partial<Record<Protocol, Promise<Page>>> = {};
  return {
    onRequest({ request, url, fetchAPI, endResponse }) {
      if (!wantsPage(request) || url.pathname !== endpoint) return;
      const protocol = url.searchParams.get('subscriptions') === 'ws' ? 'WS' : 'SSE';
      pages[protocol] ??= buildPage(options, protocol, schema);
      return pages[protocol].then((page) => endResponse(responseFor(page, request, fetchAPI.Response)));
    },
  };
}

/** It names no product: scanners look for the names of pages. */
const hint = `This is the GraphQL endpoint of the Viber log gateway. Its page for people is off: see the settings in its README.

Send a query as a POST of application/json, with the header "Authorization: Bearer <D7 API token>".
`;

/** Where there is no GraphiQL, a browser would otherwise show how to prevent CSRF. */
export function useHintInPlaceOfPage(): Plugin {
  return {
    onRequest({ request, url, fetchAPI, endResponse }) {
      if (!wantsPage(request) || url.searchParams.has('query')) return;
      const headers = { 'content-type': 'text/plain; charset=utf-8' };
      endResponse(new fetchAPI.Response(hint, { status: 406, headers }));
    },
  };
}

/** Before anything else: media-types.ts has sorted what the client accepts. */
function wantsPage({ method, headers }: Request): boolean {
  return method === 'GET' && headers.get('accept')?.split(',')[0] === page;
}

function responseFor(
  { html, gzipped, etag, policy }: Page,
  request: Request,
  ResponseClass: typeof Response,
): Response {
  const headers: Record<string, string> = {
    etag,
    'cache-control': 'private, no-cache',
    'content-security-policy': policy,
    vary: 'Accept, Accept-Encoding',
  };
  if (request.headers.get('if-none-match') === etag) return new ResponseClass(null, { status: 304, headers });
  headers['content-type'] = 'text/html; charset=utf-8';
  if (!codingFor(request.headers.get('accept-encoding') ?? undefined, ['gzip']))
    return new ResponseClass(html, { headers });
  headers['content-encoding'] = 'gzip';
  return new ResponseClass(gzipped, { headers });
}

const drawCall = 'YogaGraphiQL.renderYogaGraphiQL(';
const root = '<div id="root"></div>';
const loadingRoot = '<div id="root"><p style="font: 1rem sans-serif; padding: 1rem">Loading GraphiQL …</p></div>';

/**
 * GraphiQL moves a tab, by a wrong offset, as soon as it has the focus: away from under the pointer, so that the click is lost.
 */
const tabStyle = '<style>.graphiql-tab { transform: none !important }</style>';

/** For a token that is missing, not valid or expired. The script of the page fills in the reason. */
const hintElement = `<div id="token-hint" role="alert" hidden style="position: fixed; right: 2rem; bottom: 2rem; z-index: 1;
  max-width: 30rem; padding: 0.5rem 1rem; border: 1px solid #b45309; border-radius: 0.5rem; background: #fef3c7; color: #1f2937;
  font: 0.9rem/1.5 sans-serif">
  <p style="font-weight: bold"></p>
  Open <b>Headers</b>, below the query, and write your D7 API token there:
  <pre>{ "Authorization": "Bearer &lt;your D7 API token&gt;" }</pre>
  Then run the operation again. This page sends the token to this gateway only, and stores it nowhere.
</div>
`;

async function buildPage(
  options: GraphiQLOptions,
  subscriptionsProtocol: Protocol,
  schema: GraphQLSchema | undefined,
): Promise<Page> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const headers = JSON.stringify({ Authorization: options.authorization }, null, 2);
  const rendered = renderGraphiQL({
    title: 'Viber log gateway',
    headers,
    defaultTabs: exampleOperations(options).map((query) => ({ query, headers })),
    defaultEditorToolsVisibility: 'headers',
    // The browser must not store a token that was typed into the page.
    shouldPersistHeaders: false,
    subscriptionsProtocol,
    schemaDescription: true,
    inputValueDeprecation: true,
    ...(schema && { schema: schemaForPage(schema) }),
  });
  const html = withPageScript(rendered);
  const gzipped = await promisify(gzip)(html);
  const etag = `"${createHash('sha256').update(html).digest('base64url')}"`;
  return { html: new TextEncoder().encode(html), gzipped: new Uint8Array(gzipped), etag, policy: policyFor(html) };
}

/** Puts the page's own script between GraphiQL's and Yoga's call that draws it, and shows something until then. */
function withPageScript(html: string): string {
  const at = html.lastIndexOf(drawCall);
  const before = html.slice(0, at);
  if (at < 0 || !before.includes(root)) throw new Error('The page of @graphql-yoga/render-graphiql has changed.');
  const script = readFileSync(new URL('graphiql-page.js', import.meta.url), 'utf8');
  const call = `openPage(YogaGraphiQL.renderYogaGraphiQL, ${html.slice(at + drawCall.length)}`;
  return `${before.replace(root, () => `${tabStyle}${hintElement}${loadingRoot}`)}${script}${call}`;
}

/**
 * The policy allows only the page's own script, identified by its hash, and connections to this origin. The editor needs inline styles,
 * workers from blobs, and fonts and images from data URLs.
 */
function policyFor(html: string): string {
  const script = html.slice(html.indexOf('<script>') + '<script>'.length, html.lastIndexOf('</script>'));
  const hash = createHash('sha256').update(script).digest('base64');
  return [
    "default-src 'none'",
    `script-src 'sha256-${hash}'`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    'font-src data:',
    'worker-src blob:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
