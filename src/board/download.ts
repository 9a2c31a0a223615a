/** The filtered rows of a log as CSV, page by page, so that neither side holds the whole log at once. */
import type { Client } from '@urql/core';
import { csvHead, csvLines } from './csv.ts';
import type { Problem } from './problems.ts';
import { type RowFilter, type RowPage, readRows, rowsPerDownload } from './rows.ts';

export type Download = { rows: number; of: number };
export type DownloadEnd = { blob: Blob; rows: number } | { problem: Problem } | 'cancelled';

type DownloadOptions = {
  client: Client;
  requestId: string;
  filter: RowFilter;
  signal: AbortSignal;
  onProgress: (progress: Download) => void;
};

const maxWaits = 3;

export async function downloadRows(options: DownloadOptions): Promise<DownloadEnd> {
  const { client, requestId, filter, signal, onProgress } = options;
  // Each page becomes bytes at once: all of them in the end would take one long task.
  const parts = [new Blob([csvHead])];
  let rows = 0;
  let after: string | undefined;
  let waits = 0;
  for (;;) {
    const place = after === undefined ? {} : { after };
    const result = await readRows(client, requestId, filter, place, rowsPerDownload);
    if (signal.aborted) return 'cancelled';
    if ('problem' in result) {
      const { retryAfterSeconds } = result.problem;
      waits += 1;
      if (retryAfterSeconds === undefined || waits > maxWaits) return result;
      await pause(retryAfterSeconds * 1000, signal);
      continue;
    }
    const { page } = result;
    parts.push(new Blob([csvLines(page.nodes)]));
    rows += page.nodes.length;
    onProgress({ rows, of: Math.max(rows, page.totalCount) });
    after = nextCursor(page);
    if (after === undefined) return { blob: new Blob(parts, { type: 'text/csv;charset=utf-8' }), rows };
  }
}

function nextCursor({ pageInfo }: RowPage): string | undefined {
  return pageInfo.hasNextPage ? (pageInfo.endCursor ?? undefined) : undefined;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** A file with this name in the browser's downloads. */
export function saveFile(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
