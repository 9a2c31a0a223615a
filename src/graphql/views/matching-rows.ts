/**
 * Where the rows of the messages begin that match a filter.
 */
import type { MessageList, RowCursor } from '../../d7/log/message-list.ts';
import { sliceRows } from '../response/time-slices.ts';
import { Computation, type Computed } from './computation.ts';
import { hasNoCondition, keyOf, type Matcher, type MessageFilter, matcherOf } from './message-filter.ts';
import { sharedView } from './shared-views.ts';

/** Of a list the rows that begin there, in its order. */
export type MessageRows = { messages: MessageList; starts: Int32Array | 'all' };

/** All rows need no computation. */
export function rowsMatching(messages: MessageList, filter: MessageFilter | null | undefined): Computed<MessageRows> {
  return hasNoCondition(filter) ? { messages, starts: 'all' } : matchingRows(messages, filter);
}

/** The same, with the start of each row. */
export function matchingRows(messages: MessageList, filter: MessageFilter | null | undefined): MatchingRows {
  return sharedView(messages, `rows ${keyOf(filter)}`, () => new MatchingRows(messages, filter));
}

type Starts = { messages: MessageList; starts: Int32Array };

export class MatchingRows extends Computation<Starts> {
  readonly #messages: MessageList;
  readonly #matcher: Matcher | null;
  readonly #rows: RowCursor;
  readonly #starts: Int32Array;
  #count = 0;

  constructor(messages: MessageList, filter: MessageFilter | null | undefined) {
    super(messages.count);
    this.#messages = messages;
    this.#matcher = matcherOf(filter);
    this.#rows = messages.rows();
    this.#starts = new Int32Array(messages.count);
  }

  protected computeSlice(): { value: Starts } | undefined {
    const rows = this.#rows;
    const matcher = this.#matcher;
    for (let visited = 0; visited < sliceRows; visited += 1) {
      if (!rows.next()) return { value: { messages: this.#messages, starts: this.#starts.subarray(0, this.#count) } };
      if (matcher !== null && !(matcher.status(rows.row) && matcher.others(rows.row))) continue;
      this.#starts[this.#count] = rows.start;
      this.#count += 1;
    }
    return undefined;
  }
}
