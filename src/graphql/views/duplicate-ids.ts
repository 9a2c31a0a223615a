/**
 * The rows whose message has the id of a row before it. D7 should list none; where it does, cursors have to tell them apart.
 */
import type { MessageList, RowCursor } from '../../d7/log/message-list.ts';
import { sliceRows } from '../response/time-slices.ts';
import { Computation } from './computation.ts';
import { forgetView, sharedView } from './shared-views.ts';

/** By the start of the row: how many rows before it have its id. */
type Occurrences = ReadonlyMap<number, number>;

/** A list with more duplicates is that of a broken log. */
const mostKept = 1000;

export type DuplicateIds = Computation<Occurrences>;

export function duplicateIdsIn(messages: MessageList): DuplicateIds {
  return sharedView(messages, 'duplicate ids', () => new Duplicates(messages));
}

class Duplicates extends Computation<Occurrences> {
  readonly #messages: MessageList;
  readonly #rows: RowCursor;
  readonly #occurrences = new Map<number, number>();
  #counts: Map<string, number> | null = new Map();

  constructor(messages: MessageList) {
    super(messages.count);
    this.#messages = messages;
    this.#rows = messages.rows();
  }

  protected computeSlice(): { value: Occurrences } | undefined {
    const rows = this.#rows;
    const counts = this.#counts ?? new Map<string, number>();
    for (let visited = 0; visited < sliceRows; visited += 1) {
      if (!rows.next()) {
        this.#counts = null;
        if (this.#occurrences.size > mostKept) forgetView(this.#messages, this);
        return { value: this.#occurrences };
      }
      const msgId = rows.row.msgId();
      const count = counts.get(msgId) ?? 0;
      if (count > 0) this.#occurrences.set(rows.start, count);
      counts.set(msgId, count + 1);
    }
    return undefined;
  }
}
