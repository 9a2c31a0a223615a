/** Follows one log: its subscription, a check while the subscription is silent, and the next attempt after a failure. */
import type { OperationResult } from '@urql/core';
import type { Connection } from './connection.ts';
import {
  CheckLogDocument,
  FollowLogDocument,
  type FollowLogSubscription,
  type FollowLogSubscriptionVariables,
} from './generated/graphql.ts';
import {
  endedState,
  failedState,
  hasMovedSince,
  inPhase,
  type LogState,
  openingState,
  withEvent,
} from './log-state.ts';
import { type Observable, observable } from './observable.ts';
import { problemOf } from './problems.ts';

export type Follower = {
  requestId: string;
  state: Observable<LogState>;
  /** Subscribes again, at once. */
  again: () => void;
  stop: () => void;
};

type Result = OperationResult<FollowLogSubscription, FollowLogSubscriptionVariables>;

/**
 * The gateway sends no event while nothing changes, and none while D7 fails for a short time. So a silent board asks: soon while it has no figures,
 * and later less often than the gateway polls.
 */
const firstCheckMs = 3000;
const checkEveryMs = 30_000;
/** From one stream to the next, however short the time limit of the gateway is. */
const minStreamMs = 2000;

export function followLog(requestId: string, { client, state: connection }: Connection): Follower {
  const state = observable(openingState(requestId, Date.now()));
  let unsubscribe = () => {};
  let checkTimer: ReturnType<typeof setTimeout> | undefined;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let isStopped = false;

  function open(): void {
    const openedAt = Date.now();
    let last: FollowLogSubscription | undefined;
    const source = client.subscription<FollowLogSubscription, FollowLogSubscriptionVariables>(FollowLogDocument, {
      requestId,
    });
    unsubscribe = source.subscribe((result) => {
      // The end of a stream repeats its last event.
      const isNews = result.error !== undefined || result.data !== last;
      last = result.data;
      if (isNews) onEvent(result);
      if (!result.hasNext) onEnd(openedAt);
    }).unsubscribe;
    checkAfter(firstCheckMs);
  }

  function onEvent({ data, error }: Result): void {
    const now = Date.now();
    const event = data?.viberLog;
    if (event) state.set(withEvent(state.get(), event, now));
    else if (error) fail(error);
    checkAfter(checkEveryMs);
  }

  function fail(error: NonNullable<Result['error']>): void {
    const next = failedState(state.get(), problemOf(error), Date.now());
    state.set(next);
    clearTimeout(retryTimer);
    if (next.retryAt !== null) retryTimer = setTimeout(again, next.retryAt - Date.now());
  }

  function onEnd(openedAt: number): void {
    clearTimeout(checkTimer);
    const now = Date.now();
    const ended = endedState(state.get(), now);
    // What moved until the time limit moves on: nobody needs to know of the limit.
    if (ended.phase === 'ended' && hasMovedSince(ended, openedAt)) {
      retryTimer = setTimeout(again, openedAt + minStreamMs - now);
    } else state.set(ended);
  }

  function checkAfter(ms: number): void {
    clearTimeout(checkTimer);
    checkTimer = setTimeout(check, ms);
  }

  async function check(): Promise<void> {
    const before = state.get();
    const isWaiting = before.phase === 'opening' || before.phase === 'live';
    if (isWaiting && connection.get().status === 'connected') {
      const { error } = await client.query(CheckLogDocument, { requestId }).toPromise();
      if (isStopped || state.get().dataAt !== before.dataAt || state.get().phase !== before.phase) return;
      const problem = error ? problemOf(error) : null;
      const checkedAt = error ? before.checkedAt : Date.now();
      state.set({ ...state.get(), problem, checkedAt });
    }
    checkAfter(state.get().problem ? firstCheckMs * 2 : checkEveryMs);
  }

  function again(): void {
    close();
    state.set(inPhase(state.get(), 'opening', Date.now()));
    open();
  }

  function close(): void {
    clearTimeout(checkTimer);
    clearTimeout(retryTimer);
    unsubscribe();
  }

  open();
  return {
    requestId,
    state,
    again,
    stop() {
      isStopped = true;
      close();
    },
  };
}
