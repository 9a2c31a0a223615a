/**
 * A page of messages, as the Relay specification for connections has it: https://relay.dev/graphql/connections.htm, "Pagination algorithm".
 */
import type { MessageList, RowCursor } from '../../d7/log/message-list.ts';
import { publicError } from '../errors.ts';
import { sliceRows } from '../response/time-slices.ts';
import { Computation } from './computation.ts';
import { type Cursor, cursorIn, cursorOf } from './cursor.ts';
import { type DuplicateIds, duplicateIdsIn } from './duplicate-ids.ts';
import { type MatchingRows, type MessageRows, matchingRows } from './matching-rows.ts';
import type { MessageFilter } from './message-filter.ts';

export type ConnectionArguments = {
  first?: number | null;
  after?: string | null;
  last?: number | null;
  before?: string | null;
  filter?: MessageFilter | null;
};

export type MessageEdge = { messages: MessageList; start: number; occurrence: number };

export type MessagePage = {
  totalCount: number;
  rows: MessageRows;
  edges: () => MessageEdge[];
  pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor: string | null;
    endCursor: string | null;
  };
};

const defaultSize = 50;
const maxSize = 500;

/** @throws GraphQLError BAD_USER_INPUT */
export function connectionOf(messages: MessageList, page: ConnectionArguments): Computation<MessagePage> {
  for (const size of [page.first, page.last]) {
    if (size != null && (size < 0 || size > maxSize)) throw publicError('pageSizeInvalid', { limit: maxSize });
  }
  return new Connection(messages, page);
}

export function cursorOfEdge({ messages, start, occurrence }: MessageEdge): string {
  return cursorOf({ msgId: messages.rowAt(start).msgId(), occurrence });
}

class Connection extends Computation<MessagePage> {
  readonly #messages: MessageList;
  readonly #page: ConnectionArguments;
  readonly #matching: MatchingRows;
  readonly #duplicates: DuplicateIds;
  readonly #after: CursorSearch | null;
  readonly #before: CursorSearch | null;

  constructor(messages: MessageList, page: ConnectionArguments) {
    super(messages.count);
    this.#messages = messages;
    this.#page = page;
    this.#matching = matchingRows(messages, page.filter);
    this.#duplicates = duplicateIdsIn(messages);
    this.#after = page.after == null ? null : new CursorSearch(messages, cursorIn(page.after));
    this.#before = page.before == null ? null : new CursorSearch(messages, cursorIn(page.before));
  }

  protected computeSlice(): { value: MessagePage } | undefined {
    const { starts: all } = this.#matching.advance() ? this.#matching.value : { starts: null };
    const isReady = [this.#duplicates, this.#after, this.#before].every((part) => part === null || part.advance());
    return all === null || !isReady ? undefined : { value: this.#pageOf(all) };
  }

  #pageOf(all: Int32Array): MessagePage {
    const messages = this.#messages;
    const { first, last } = sizesOf(this.#page);
    let from = this.#after === null ? 0 : countUpTo(all, this.#after.value);
    let to = this.#before === null ? all.length : Math.max(from, countUpTo(all, this.#before.value - 1));
    if (first !== null) to = Math.min(to, from + first);
    if (last !== null) from = Math.max(from, to - last);
    const starts = all.subarray(from, to);
    const edgeAt = (start: number) => ({ messages, start, occurrence: this.#duplicates.value.get(start) ?? 0 });
    const cursorAt = (start: number | undefined) => (start === undefined ? null : cursorOfEdge(edgeAt(start)));
    return {
      totalCount: all.length,
      rows: { messages, starts },
      edges: () => Array.from(starts, edgeAt),
      pageInfo: {
        hasNextPage: to < all.length,
        hasPreviousPage: from > 0,
        startCursor: cursorAt(starts[0]),
        endCursor: cursorAt(starts.at(-1)),
      },
    };
  }
}

function sizesOf({ first, last, before }: ConnectionArguments): { first: number | null; last: number | null } {
  if (first != null || last != null) return { first: first ?? null, last: last ?? null };
  return before == null ? { first: defaultSize, last: null } : { first: null, last: defaultSize };
}

/** Finds where the row of a cursor begins, also where it does not match the filter (any more). */
class CursorSearch extends Computation<number> {
  readonly #rows: RowCursor;
  readonly #cursor: Cursor | null;
  #occurrence = 0;

  constructor(messages: MessageList, cursor: Cursor | null) {
    super(messages.count);
    this.#rows = messages.rows();
    this.#cursor = cursor;
  }

  protected computeSlice(): { value: number } | undefined {
    const rows = this.#rows;
    for (let visited = 0; visited < sliceRows; visited += 1) {
      if (this.#cursor === null || !rows.next()) throw publicError('cursorUnknown');
      if (rows.row.msgId() !== this.#cursor.msgId) continue;
      if (this.#occurrence === this.#cursor.occurrence) return { value: rows.start };
      this.#occurrence += 1;
    }
    return undefined;
  }
}

/** How many of the sorted numbers are at most `limit`. */
function countUpTo(sorted: Int32Array, limit: number): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((sorted[middle] as number) <= limit) from = middle + 1;
    else to = middle;
  }
  return from;
}
