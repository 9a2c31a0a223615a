/** The page. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import { followAddress } from '../address.ts';
import { announcement } from '../announce.ts';
import { type Board, openBoard } from '../board.ts';
import { totalOf } from '../figures.ts';
import { count } from '../format.ts';
import type { LogState } from '../log-state.ts';
import { useValue } from '../observable.ts';
import { noFilter } from '../rows.ts';
import { gatewayUrl, storedToken, storeToken } from '../session.ts';
import { Card, type CardActions } from './card.tsx';
import { Header } from './header.tsx';
import { PageNotice } from './page-notice.tsx';
import { RowsDialog } from './rows-dialog.tsx';
import { Start, type StartValues } from './start.tsx';
import { Totals } from './totals.tsx';

const { address, change, close } = followAddress();
const title = document.title;

export function App() {
  const { ids, gateway: given } = useValue(address);
  const gateway = gatewayUrl(given);
  const [token, setToken] = useState(gateway === null ? '' : storedToken(gateway));
  const board = useMemo(() => (token && gateway ? openBoard(gateway, token) : null), [token, gateway]);
  useEffect(() => () => board?.close(), [board]);

  function start(values: StartValues): void {
    change({ ids: values.ids, gateway: values.gateway });
    const next = gatewayUrl(values.gateway);
    if (next === null) return;
    storeToken(next, values.token);
    setToken(values.token);
  }

  function leave(): void {
    if (gateway) storeToken(gateway, '');
    setToken('');
  }

  const fault = gateway === null ? 'This is no address of a gateway. It begins with https:// or http://.' : null;
  return (
    <main class="page">
      <h1>Delivery board</h1>
      {board && ids.length > 0 ? (
        <Watch key={token} board={board} host={gateway ?? ''} onLeave={leave} />
      ) : (
        <Start token={token} ids={ids} gateway={given} fault={fault} onStart={start} />
      )}
      <Announcer />
    </main>
  );
}

function Watch({ board, host, onLeave }: { board: Board; host: string; onLeave: () => void }) {
  const current = useValue(address);
  const { ids, open } = current;
  const followers = useValue(board.followers);
  const logs = useValue(board.logs);
  const connection = useValue(board.connection.state);
  useEffect(() => board.follow(ids), [board, ids.join()]);
  useAbsence(board);
  useTitle(logs);

  const actions = useMemo<CardActions>(
    () => ({
      onOpen: (requestId) => change({ open: requestId, filter: noFilter, place: {} }, true),
      onRemove: (requestId) => change({ ids: address.get().ids.filter((id) => id !== requestId) }),
      onAgain: (requestId) =>
        board.followers
          .get()
          .find((one) => one.requestId === requestId)
          ?.again(),
    }),
    [board],
  );

  const opened = followers.find(({ requestId }) => requestId === open);
  const hasUnseen = logs.some(({ seen, data }) => seen && seen.data !== data);
  return (
    <>
      <Header
        connection={connection}
        host={host}
        onAdd={(more) => change({ ids: [...new Set([...ids, ...more])] })}
        onLeave={onLeave}
      />
      <div class="content">
        <PageNotice connection={connection} logs={logs} onToken={onLeave} />
        {hasUnseen && (
          <div class="unseen">
            <p>Logs have changed since you looked. The cards say how.</p>
            <button type="button" onClick={board.markAsSeen}>
              Mark as seen
            </button>
          </div>
        )}
        {logs.length > 1 && <Totals logs={logs} />}
        <section class="cards" aria-label="Logs">
          {followers.map((follower) => (
            <Card key={follower.requestId} follower={follower} connection={connection} {...actions} />
          ))}
        </section>
      </div>
      {opened && (
        <RowsDialog
          key={opened.requestId}
          client={board.connection.client}
          follower={opened}
          address={current}
          onChange={change}
          onClose={close}
        />
      )}
    </>
  );
}

/** Marks the changes of the time in which nobody can have looked. */
function useAbsence(board: Board): void {
  useEffect(() => {
    const look = () => (document.visibilityState === 'hidden' ? board.lookAway() : board.lookBack());
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [board]);
}

/** The tab of the page tells how far it is. */
function useTitle(logs: readonly LogState[]): void {
  const { delivered, expected } = totalOf(logs.flatMap(({ data }) => data ?? []));
  const text = expected > 0 ? `${count(delivered)} of ${count(expected)} delivered · ${title}` : title;
  useEffect(() => {
    document.title = text;
  }, [text]);
}

function Announcer() {
  return (
    <p class="hidden" role="status" aria-live="polite">
      {useValue(announcement)}
    </p>
  );
}
