/** The rows behind a card. */
import type { Client } from '@urql/core';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Address } from '../address.ts';
import { decimalText } from '../decimal.ts';
import type { Follower } from '../follower.ts';
import { count, counted, countryName, masked } from '../format.ts';
import { useValue } from '../observable.ts';
import type { Row, RowPage, RowResult } from '../rows.ts';
import { DownloadButton } from './download-button.tsx';
import { Filters } from './filters.tsx';
import { Icon } from './icons.tsx';
import { useRows } from './use-rows.ts';

type RowsDialogProps = {
  client: Client;
  follower: Follower;
  address: Address;
  onChange: (part: Partial<Address>) => void;
  onClose: () => void;
};

export function RowsDialog({ client, follower, address: { filter, place }, onChange, onClose }: RowsDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isRevealed, setRevealed] = useState(false);
  const { requestId, data } = useValue(follower.state);
  const { result, isBusy } = useRows(client, requestId, filter, place, data);
  const page = result && 'page' in result ? result.page : null;
  useEffect(() => dialog.current?.showModal(), []);

  return (
    <dialog ref={dialog} class="rows" aria-labelledby="rows-title" onClose={onClose}>
      <header>
        <h2 id="rows-title">
          <span class="quiet">Rows of</span> {requestId}
        </h2>
        <button type="button" class="icon-button" aria-label="Close" onClick={() => dialog.current?.close()}>
          <Icon name="close" />
        </button>
      </header>
      <Filters
        filter={filter}
        countries={data?.summary.byCountry.flatMap(({ country }) => country ?? []) ?? []}
        onChange={(next) => onChange({ filter: next, place: {} })}
      />
      <div class="rows-tools">
        <p class="rows-count" role="status">
          {page && (page.totalCount === 0 ? 'No row matches' : counted(page.totalCount, 'matching row'))}
        </p>
        <label class="switch">
          <input type="checkbox" checked={isRevealed} onChange={() => setRevealed(!isRevealed)} />
          <span>Show full numbers</span>
        </label>
        <DownloadButton client={client} requestId={requestId} filter={filter} />
      </div>
      <RowTable result={result} isBusy={isBusy} isRevealed={isRevealed} onRestart={() => onChange({ place: {} })} />
      {page && <Pager page={page} onTurn={(next) => onChange({ place: next })} />}
    </dialog>
  );
}

type RowTableProps = { result: RowResult | null; isBusy: boolean; isRevealed: boolean; onRestart: () => void };

function RowTable({ result, isBusy, isRevealed, onRestart }: RowTableProps) {
  if (result && 'problem' in result) {
    const isLostPlace = result.problem.code === 'BAD_USER_INPUT';
    return (
      <div class="notice bad">
        <p class="notice-title">{isLostPlace ? 'This page is gone' : result.problem.title}</p>
        <p>{isLostPlace ? 'The log has no such row any more.' : result.problem.advice}</p>
        <button type="button" onClick={onRestart}>
          Go to the first page
        </button>
      </div>
    );
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="scroll" aria-label="Rows" tabIndex={0} aria-busy={isBusy}>
      <table>
        <thead>
          <tr>
            <th scope="col">Recipient</th>
            <th scope="col">Country</th>
            <th scope="col">Status</th>
            <th scope="col" class="number">
              Cost
            </th>
            <th scope="col" class="number">
              Parts
            </th>
            <th scope="col">Scheduled</th>
            <th scope="col">Message id</th>
          </tr>
        </thead>
        <tbody>
          {result?.page.nodes.map((row) => (
            <TableRow key={row.msgId} row={row} isRevealed={isRevealed} />
          ))}
        </tbody>
      </table>
      {result?.page.nodes.length === 0 && <p class="nothing quiet">Change or remove a filter to see rows.</p>}
    </section>
  );
}

function TableRow({ row, isRevealed }: { row: Row; isRevealed: boolean }) {
  const { recipient, country, status, rawStatus, viberCost, numberOfViberMessage, scheduleTime, msgId } = row;
  const name = status.toLowerCase();
  return (
    <tr>
      <td class="figure">{recipient === null ? '–' : isRevealed ? recipient : masked(recipient)}</td>
      <td>{country === null ? '–' : <abbr title={countryName(country)}>{country}</abbr>}</td>
      <td>
        <span class={`swatch ${name}`} />
        {name === 'unknown' ? `unknown${rawStatus === null ? '' : ` (${rawStatus})`}` : name}
      </td>
      <td class="number">{viberCost === null ? '–' : decimalText(viberCost)}</td>
      <td class="number">{numberOfViberMessage === null ? '–' : count(numberOfViberMessage)}</td>
      <td class="figure">{scheduleTime === null ? '–' : scheduleTime.replace('T', ' ').replace('.000Z', ' UTC')}</td>
      <td class="figure quiet">{msgId}</td>
    </tr>
  );
}

function Pager({
  page: { pageInfo, nodes, totalCount },
  onTurn,
}: {
  page: RowPage;
  onTurn: (place: Address['place']) => void;
}) {
  const { hasNextPage, hasPreviousPage, startCursor, endCursor } = pageInfo;
  return (
    <nav class="pager" aria-label="Pages">
      <p class="quiet">
        {count(nodes.length)} of {count(totalCount)} on this page
      </p>
      <button type="button" disabled={!hasPreviousPage} onClick={() => onTurn({})}>
        First
      </button>
      <button
        type="button"
        disabled={!hasPreviousPage || startCursor === null}
        onClick={() => startCursor !== null && onTurn({ before: startCursor })}
      >
        Previous
      </button>
      <button
        type="button"
        disabled={!hasNextPage || endCursor === null}
        onClick={() => endCursor !== null && onTurn({ after: endCursor })}
      >
        Next
      </button>
    </nav>
  );
}
