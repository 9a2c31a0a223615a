/**
 * The computations over one list of messages that operations share, as long as the list itself is in memory. Callers with different tokens
 * never share a list.
 */
import type { MessageList } from '../../d7/log/message-list.ts';
import type { Computation } from './computation.ts';

/** Of one list. No cache counts their bytes, so there are few: each is small beside the list. */
const mostViews = 4;
/** A longer filter is not worth to be remembered. */
const longestKey = 256;

const views = new WeakMap<MessageList, Map<string, Computation<unknown>>>();

/** @param key that of one kind of computation with its arguments, and of no other. */
export function sharedView<View extends Computation<unknown>>(
  messages: MessageList,
  key: string,
  create: () => View,
): View {
  if (key.length > longestKey) return create();
  let byKey = views.get(messages);
  if (byKey === undefined) {
    byKey = new Map();
    views.set(messages, byKey);
  }
  const known = byKey.get(key);
  if (known !== undefined) return known as View;
  const view = create();
  if (byKey.size >= mostViews) byKey.delete(byKey.keys().next().value as string);
  byKey.set(key, view);
  return view;
}

/** For a value that is not small beside its list. */
export function forgetView(messages: MessageList, view: Computation<unknown>): void {
  const byKey = views.get(messages);
  if (byKey === undefined) return;
  for (const [key, one] of byKey) if (one === view) byKey.delete(key);
}
