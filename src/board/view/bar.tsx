/** The bar of a log, and its figures, which are its legend. */
import { type Counts, type Figures, type Status, statuses } from '../figures.ts';
import { count } from '../format.ts';

const names: Record<Status, string> = {
  delivered: 'Delivered',
  sent: 'Sent',
  undelivered: 'Undelivered',
  unknown: 'Unknown',
};

/** What is not listed yet is the empty rest. */
export function Bar({ counts, of }: { counts: Counts; of: number }) {
  const label = statuses.map((status) => `${count(counts[status])} ${status}`).join(', ');
  return (
    <div class="bar" role="img" aria-label={`${label}, of ${count(of)}`}>
      {statuses.map((status) => (
        <span key={status} class={`part ${status}`} style={{ flexGrow: counts[status] / Math.max(1, of) }} />
      ))}
    </div>
  );
}

export function StatusFigures({ figures }: { figures: Figures }) {
  return (
    <dl class="statuses">
      {statuses.map((status) => (
        <div key={status}>
          <dt>
            <span class={`swatch ${status}`} />
            {names[status]}
          </dt>
          <dd>{count(figures[status])}</dd>
        </div>
      ))}
    </dl>
  );
}
