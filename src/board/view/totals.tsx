/** The total over all cards. */
import { figuresOf, totalOf } from '../figures.ts';
import { count, counted, money, percent } from '../format.ts';
import type { LogState } from '../log-state.ts';
import { Bar, StatusFigures } from './bar.tsx';

export function Totals({ logs }: { logs: readonly LogState[] }) {
  const known = logs.flatMap(({ data }) => data ?? []);
  const figures = known.length === 1 && known[0] ? figuresOf(known[0]) : totalOf(known);
  const without = logs.length - known.length;
  return (
    <section class="totals" aria-labelledby="totals-title">
      <div class="totals-head">
        <h2 id="totals-title">All logs</h2>
        <p class="quiet">
          {counted(logs.length, 'log')}
          {without > 0 && `, ${without} without figures`}
        </p>
      </div>
      <div class="lead">
        <p class="rate">{percent(figures.deliveryRate)}</p>
        <p class="quiet">delivered, of {count(figures.delivered + figures.undelivered)} final</p>
      </div>
      <div class="totals-bar">
        <Bar counts={figures} of={figures.expected} />
        <StatusFigures figures={figures} />
      </div>
      <dl class="totals-facts">
        <div>
          <dt>Recipients</dt>
          <dd>{count(figures.expected)}</dd>
        </div>
        <div>
          <dt>Cost</dt>
          <dd title={figures.withoutCost > 0 ? `Without ${counted(figures.withoutCost, 'message')}` : undefined}>
            {money(figures.cost)}
          </dd>
        </div>
        <div>
          <dt>Parts</dt>
          <dd>{count(figures.parts)}</dd>
        </div>
      </dl>
    </section>
  );
}
