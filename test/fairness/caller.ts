/** A caller with a token of its own. Every result is checked: the right log, read with the right token, and all its rows. */
import type { Pool } from 'undici';
import { logOf } from '../../src/sandbox/logs.ts';

/** How long an operation took, and for each id `ok` or what came in its place. */
export type Outcome = { latencyMs: number; results: string[] };
export type Caller = {
  /** One id is a read of `viberLog`, several are a page of `viberLogs`. Never rejects. */
  read: (requestIds: readonly string[], dueMs?: number) => Promise<Outcome>;
};

const selection = `
  ... on ViberLog { requestId channel messages { msgId country recipient status } }
  ... on NotFound { requestId code }`;
const oneQuery = `query One($id: ID!) { viberLog(requestId: $id) {${selection}} }`;
const pageQuery = `query Page($ids: [ID!]!) { viberLogs(requestIds: $ids) {${selection}} }`;
const expectedRows = new Map<string, string>();
let count = 0;

/** Ids that nobody has used before: no cache helps with them. `kind` is what upstream.ts knows: `rows-2`, `fail`, `hang`. */
export function newIds(kind: string, length: number): string[] {
  return Array.from({ length }, () => `${kind}-${++count}`);
}

export function openCaller(pool: Pool, token: string): Caller {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };

  async function read(requestIds: readonly string[], dueMs = performance.now()): Promise<Outcome> {
    const [id = ''] = requestIds;
    const isPage = requestIds.length > 1;
    const body = JSON.stringify(
      isPage ? { query: pageQuery, variables: { ids: requestIds } } : { query: oneQuery, variables: { id } },
    );
    let results: string[];
    try {
      const response = await pool.request({ method: 'POST', path: '/graphql', headers, body });
      results = resultsIn(await response.body.text(), response.statusCode, token, requestIds, isPage);
    } catch (error) {
      results = requestIds.map(() => (error as NodeJS.ErrnoException).code ?? 'no response');
    }
    return { latencyMs: performance.now() - dueMs, results };
  }
  return { read };
}

type Body = {
  data?: { viberLog?: unknown; viberLogs?: unknown[] | null } | null;
  errors?: { path?: (string | number)[]; extensions?: { code?: string } }[];
};

function resultsIn(text: string, status: number, token: string, requestIds: readonly string[], isPage: boolean) {
  const { data, errors = [] } = bodyIn(text);
  const items = isPage ? data?.viberLogs : [data?.viberLog];
  const codeAt = (index: number) => {
    const own = errors.find(({ path }) => !isPage || path === undefined || path.length < 2 || path[1] === index);
    return own?.extensions?.code ?? (errors.length > 0 ? 'omitted error' : `HTTP ${status}`);
  };
  return requestIds.map((id, index) => {
    const item = items?.[index];
    if (item == null) return codeAt(index);
    return JSON.stringify(item) === expectedItem(id, token) ? 'ok' : 'WRONG LOG';
  });
}

/** What is no JSON has neither data nor errors: its status is the result then. */
function bodyIn(text: string): Body {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function expectedItem(requestId: string, token: string): string {
  const [, length = '0'] = /^rows-(\d+)-/.exec(requestId) ?? [];
  let rows = expectedRows.get(length);
  if (rows === undefined) {
    const { messages } = logOf('', Number(length));
    rows = JSON.stringify(
      messages.map(({ msg_id: msgId, country, recipient, status }) => ({
        msgId,
        country,
        recipient,
        status: status.toUpperCase(),
      })),
    );
    expectedRows.set(length, rows);
  }
  return `{"requestId":"${requestId}","channel":"${token}","messages":${rows}}`;
}
