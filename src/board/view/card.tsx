/** One log. */

import type { ConnectionState } from '../connection.ts';
import { deltaOf, figuresOf } from '../figures.ts';
import type { Follower } from '../follower.ts';
import { count, counted, countryName, money, percent, time } from '../format.ts';
import type { LogState, Regression } from '../log-state.ts';
import { useValue } from '../observable.ts';
import { Since } from './ago.tsx';
import { Bar, StatusFigures } from './bar.tsx';
import { Countries } from './countries.tsx';
import { CourseChart } from './course-chart.tsx';
import { deltaText } from './delta.tsx';
import { Icon } from './icons.tsx';
import { memo } from './memo.ts';
import { useNear } from './near.ts';
import { Notice, signOf, Tag } from './notice.tsx';

export type CardActions = {
  onOpen: (requestId: string) => void;
  onRemove: (requestId: string) => void;
  onAgain: (requestId: string) => void;
};

type CardProps = CardActions & { follower: Follower; connection: ConnectionState };

export const Card = memo(function Card({ follower, connection, onOpen, onRemove, onAgain }: CardProps) {
  const log = useValue(follower.state);
  const { requestId, data } = log;
  const sign = signOf(log, connection);
  const isStale = sign.tone === 'bad' && data !== null;
  const [ref, isNear] = useNear<HTMLElement>();
  return (
    <article ref={ref} class={`card ${isStale ? 'stale' : ''}`} aria-label={requestId} data-phase={log.phase}>
      <header>
        <h3 title={requestId}>{requestId}</h3>
        <Tag sign={sign} />
        <button
          type="button"
          class="icon-button"
          aria-label={`Remove ${requestId}`}
          onClick={() => onRemove(requestId)}
        >
          <Icon name="close" />
        </button>
      </header>
      <div class={isNear ? 'card-content' : 'card-content far'}>
        <Notice log={log} connection={connection} onAgain={() => onAgain(requestId)} />
        {data === null ? (
          log.phase === 'opening' && log.problem === null && <div class="empty" />
        ) : (
          <LogFigures log={log} data={data} onOpen={() => onOpen(requestId)} />
        )}
      </div>
    </article>
  );
});

type FiguresProps = { log: LogState; data: NonNullable<LogState['data']>; onOpen: () => void };

function LogFigures({ log, data, onOpen }: FiguresProps) {
  const figures = figuresOf(data);
  const { requestId, seen, changes, dataAt } = log;
  const last = changes.at(-1);
  const sinceSeen = seen && seen.data !== data ? deltaText(deltaOf(seen.data, data)) : null;
  return (
    <>
      {sinceSeen && seen && (
        <p class="seen">
          <strong>Since {time(seen.at)}</strong> {sinceSeen}
        </p>
      )}
      <div class="lead">
        <p class="rate">{percent(figures.deliveryRate)}</p>
        <p class="quiet">delivered, of {count(figures.delivered + figures.undelivered)} final</p>
      </div>
      <Bar counts={figures} of={figures.expected} />
      <StatusFigures figures={figures} />
      {(log.course.length > 1 || log.phase !== 'complete') && <CourseChart course={log.course} of={figures.expected} />}
      <dl class="facts">
        <Fact name="Cost">
          {money(figures.cost)}
          {figures.withoutCost > 0 && <span class="quiet"> without {counted(figures.withoutCost, 'message')}</span>}
        </Fact>
        <Fact name="Parts">{count(figures.parts)}</Fact>
        <Fact name="Listed">
          {count(figures.listed)} <span class="quiet">of {count(figures.expected)}</span>
        </Fact>
        <Fact name="Waiting">
          <WaitingText log={log} />
        </Fact>
        <Fact name="Taken back">
          <RegressionText regressions={log.regressions} />
        </Fact>
        <Fact name="Last change">
          {last ? (
            <>
              {time(last.at)}{' '}
              <span class="quiet" title={deltaText(last)}>
                {deltaText(last)}
              </span>
            </>
          ) : (
            <span class="quiet">none since the board opened</span>
          )}
        </Fact>
      </dl>
      <Countries summary={data.summary} id={`countries-${requestId}`} />
      <footer>
        <p class="quiet">
          {log.phase === 'complete' ? `Final figures of ${time(dataAt)}` : <FiguresAge at={dataAt} />}
          {log.phase !== 'complete' && log.checkedAt > dataAt && (
            <>
              , checked <Since at={log.checkedAt} /> ago
            </>
          )}
        </p>
        <button type="button" onClick={onOpen} aria-label={`Show rows of ${requestId}`}>
          Show rows
        </button>
      </footer>
    </>
  );
}

function FiguresAge({ at }: { at: number }) {
  return (
    <>
      Figures from <Since at={at} /> ago
    </>
  );
}

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** At least: D7 gives no times of messages. */
function WaitingText({ log: { waiting, data } }: { log: LogState }) {
  if (!waiting || !data || data.summary.sent === 0) return <span class="quiet">no message is only sent</span>;
  return (
    <>
      {count(waiting.messages)} <span class="quiet">sent for</span> <Since at={waiting.since} />{' '}
      <span class="quiet">or longer</span>
    </>
  );
}

function RegressionText({ regressions }: { regressions: readonly Regression[] }) {
  const last = regressions.at(-1);
  if (!last) return <span class="quiet">no status so far</span>;
  const messages = regressions.reduce((sum, one) => sum + one.messages, 0);
  const places = [...new Set(regressions.flatMap(({ countries }) => countries))];
  const names = places.map(countryName).join(', ');
  return (
    <span class="regression">
      <Icon name="back" />
      {count(messages)} {messages === 1 ? 'status' : 'statuses'}{' '}
      <span class="quiet" title={names}>
        at {time(last.at)}
        {places.length > 0 && ` in ${places.map((code) => code ?? 'no country').join(', ')}`}
      </span>
    </span>
  );
}
