/**
 * GraphiQL as one page that needs no network: script, styles and workers are in it.
 *
 * Yoga would put the 9 MB together anew for each request and send them plain. Here they are put together when first asked
 * for, packed once, and kept by the browser, which only asks whether they are still the same.
 */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Plugin } from 'graphql-yoga';

export type GraphiQLOptions = {
  /** What the header editor shows at first, as the value of `Authorization`. */
  authorization: string;
  /** Request ids that the example operations ask for: the first by itself, and all of them together. */
  exampleRequestIds: readonly string[];
  /** The id that the example subscription follows. */
  exampleLiveRequestId: string;
};

/** How the page follows a log. Over WebSocket it does with `?subscriptions=ws` in its address, to see the other door work. */
type Protocol = 'SSE' | 'WS';

type Page = { html: Uint8Array<ArrayBuffer>; gzipped: Uint8Array<ArrayBuffer>; etag: string; policy: string };

export function useOfflineGraphiQL(endpoint: string, options: GraphiQLOptions): Plugin {
  const pages: Partial<Record<Protocol, Promise<Page>>> = {};
  return {
    onRequest({ request, url, fetchAPI, endResponse }) {
      const wantsPage = request.method === 'GET' && request.headers.get('accept')?.includes('text/html');
      if (!wantsPage || url.pathname !== endpoint) return;
      const protocol = url.searchParams.get('subscriptions') === 'ws' ? 'WS' : 'SSE';
      pages[protocol] ??= buildPage(options, protocol);
      return pages[protocol].then((page) => endResponse(answerWith(page, request, fetchAPI.Response)));
    },
  };
}

function answerWith({ html, gzipped, etag, policy }: Page, request: Request, ResponseClass: typeof Response): Response {
  const headers: Record<string, string> = {
    etag,
    'cache-control': 'private, no-cache',
    'content-security-policy': policy,
    vary: 'Accept, Accept-Encoding',
  };
  if (request.headers.get('if-none-match') === etag) return new ResponseClass(null, { status: 304, headers });
  headers['content-type'] = 'text/html; charset=utf-8';
  if (!request.headers.get('accept-encoding')?.includes('gzip')) return new ResponseClass(html, { headers });
  headers['content-encoding'] = 'gzip';
  return new ResponseClass(gzipped, { headers });
}

async function buildPage(options: GraphiQLOptions, subscriptionsProtocol: Protocol): Promise<Page> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const headers = JSON.stringify({ Authorization: options.authorization }, null, 2);
  const html = renderGraphiQL({
    title: 'Viber log gateway',
    headers,
    defaultTabs: exampleOperations(options).map((query) => ({ query, headers })),
    defaultEditorToolsVisibility: 'headers',
    // A token typed into the page is gone with the page.
    shouldPersistHeaders: false,
    subscriptionsProtocol,
    schemaDescription: true,
    inputValueDeprecation: true,
  });
  const gzipped = await promisify(gzip)(html);
  const etag = `"${createHash('sha256').update(html).digest('base64url')}"`;
  return { html: new TextEncoder().encode(html), gzipped: new Uint8Array(gzipped), etag, policy: policyFor(html) };
}

/**
 * Only the page's own script runs, known by its hash, and it speaks to this origin alone. The editor puts styles into the
 * page and starts its workers from blobs; its fonts and icons are data.
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

function exampleOperations({ exampleRequestIds, exampleLiveRequestId }: GraphiQLOptions): string[] {
  return [
    `# One delivery log. Press play, or Ctrl-Enter.
query OneLog {
  viberLog(requestId: ${JSON.stringify(exampleRequestIds[0])}) {
    __typename
    ... on ViberLog {
      requestId
      totalRecipients
      channel
      messages {
        msgId
        country
        recipient
        status
        numberOfViberMessage
        viberCost
        scheduleTime
      }
    }
    ... on NotFound {
      code
      message
    }
  }
}
`,
    `# Several logs at once, each failing on its own.
query SeveralLogs {
  viberLogs(requestIds: [
    ${exampleRequestIds.map((id) => JSON.stringify(id)).join('\n    ')}
  ]) {
    __typename
    ... on ViberLog {
      requestId
      totalRecipients
      messages {
        status
        rawStatus
      }
    }
    ... on NotFound {
      requestId
      code
      message
    }
  }
}
`,
    `# One log as it moves: the answer changes by itself until every message is final.
subscription LiveLog {
  viberLog(requestId: ${JSON.stringify(exampleLiveRequestId)}) {
    __typename
    ... on ViberLog {
      fetchedAt
      messages {
        recipient
        status
      }
    }
    ... on NotFound {
      code
      message
    }
  }
}
`,
  ];
}
