/** "Download CSV": with progress, and with a way to stop it. */
import type { Client } from '@urql/core';
import { useEffect, useRef, useState } from 'preact/hooks';
import { say } from '../announce.ts';
import { type Download, downloadRows, saveFile } from '../download.ts';
import { count, counted } from '../format.ts';
import type { RowFilter } from '../rows.ts';

type State = { progress: Download } | { message: string; isBad?: boolean } | null;

export function DownloadButton({
  client,
  requestId,
  filter,
}: {
  client: Client;
  requestId: string;
  filter: RowFilter;
}) {
  const [state, setState] = useState<State>(null);
  const controller = useRef<AbortController | null>(null);
  useEffect(() => () => controller.current?.abort(), [requestId]);

  async function start(): Promise<void> {
    const own = new AbortController();
    controller.current = own;
    setState({ progress: { rows: 0, of: 0 } });
    const onProgress = (progress: Download) => setState({ progress });
    const end = await downloadRows({ client, requestId, filter, signal: own.signal, onProgress });
    if (end === 'cancelled') return setState({ message: 'Cancelled. No file was saved.' });
    if ('problem' in end) return setState({ message: `${end.problem.title}. ${end.problem.advice}`, isBad: true });
    saveFile(end.blob, `${requestId}.csv`);
    say(`Saved ${counted(end.rows, 'row')}`);
    setState({ message: `Saved ${counted(end.rows, 'row')}.` });
  }

  if (state && 'progress' in state) {
    const { rows, of } = state.progress;
    return (
      <div class="download">
        <progress aria-label="Download" max={of || 1} value={rows} />
        <span class="quiet">
          {count(rows)} of {of ? count(of) : '…'}
        </span>
        <button type="button" onClick={() => controller.current?.abort()}>
          Cancel
        </button>
      </div>
    );
  }
  return (
    <div class="download">
      {state && <span class={state.isBad ? 'bad-text' : 'quiet'}>{state.message}</span>}
      <button type="button" title="The file has the full numbers" onClick={start}>
        Download CSV
      </button>
    </div>
  );
}
