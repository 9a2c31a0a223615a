/** The board: one connection, and a follower for each id. */
import { announce } from './announce.ts';
import { type Connection, connect } from './connection.ts';
import { type Follower, followLog } from './follower.ts';
import type { LogState } from './log-state.ts';
import { observable } from './observable.ts';

/** Fifty logs change at fifty moments of a second. */
const collectMs = 150;

export type Board = ReturnType<typeof openBoard>;

export function openBoard(gateway: string, token: string) {
  const connection: Connection = connect(gateway, token);
  const followers = observable<readonly Follower[]>([]);
  /** The states of all logs, in order, a moment late: for what is computed from all of them. */
  const logs = observable<readonly LogState[]>([]);
  let collecting: ReturnType<typeof setTimeout> | undefined;
  const stopWatching = new Map<Follower, () => void>();

  function follow(ids: readonly string[]): void {
    const before = followers.get();
    const next = ids.map((id) => before.find(({ requestId }) => requestId === id) ?? begin(id));
    for (const follower of before) if (!next.includes(follower)) end(follower);
    followers.set(next);
    logs.set(next.map(({ state }) => state.get()));
  }

  function begin(id: string): Follower {
    const follower = followLog(id, connection);
    let last = follower.state.get();
    const unwatch = follower.state.watch(() => {
      announce(last, follower.state.get());
      last = follower.state.get();
      collect();
    });
    stopWatching.set(follower, unwatch);
    return follower;
  }

  function end(follower: Follower): void {
    stopWatching.get(follower)?.();
    stopWatching.delete(follower);
    follower.stop();
  }

  function collect(): void {
    collecting ??= setTimeout(() => {
      collecting = undefined;
      logs.set(followers.get().map(({ state }) => state.get()));
    }, collectMs);
  }

  /** Somebody looks away: what changes from now on is marked until it is seen. */
  function lookAway(): void {
    for (const { state } of followers.get()) {
      const { data, seen } = state.get();
      if (data && !seen) state.set({ ...state.get(), seen: { data, at: Date.now() } });
    }
  }

  function lookBack(): void {
    for (const { state } of followers.get()) {
      const { data, seen } = state.get();
      if (seen?.data === data) state.set({ ...state.get(), seen: null });
    }
  }

  function markAsSeen(): void {
    for (const { state } of followers.get()) state.set({ ...state.get(), seen: null });
  }

  function close(): void {
    clearTimeout(collecting);
    for (const follower of followers.get()) end(follower);
    connection.close();
  }

  return { connection, followers, logs, follow, lookAway, lookBack, markAsSeen, close };
}
