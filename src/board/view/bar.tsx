/** The bar of a log, and its figures, which are its legend. */
import { type Counts, type Figures, type Status, statuses } from '../figures.ts';
import { count } from '../format.ts';

const names: Record<Status, string> = {
  delivered: 'Delivered',
  sent: 'Sent',
  undelivered: 'Undelivered',
  unknown: 'Unknown',
};

/**
 * What is not listed yet is the empty rest. A part reaches from the start of the bar to its own end, behind the parts before it, and only its scale
 * changes: browsers animate that without laying out and painting the page for each frame, which took half of the work of a board with fifty logs.
 */
export function Bar({ counts, of }: { counts: Counts; of: number }) {
  const label = statuses.map((status) => `${count(counts[status])} ${status}`).join(', ');
  let end = 0;
  const parts = statuses.map((status) => {
    end += counts[status] / Math.max(1, of);
    return <span key={status} class={`part ${status}`} style={{ transform: `scaleX(${Math.min(end, 1)})` }} />;
  });
  return (
    <div class="bar" role="img" aria-label={`${label}, of ${count(of)}`}>
      {parts.reverse()}
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
