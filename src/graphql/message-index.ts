/**
 * Finds messages by their ids: a router holds many messages of one log, and each log is walked once for all of them.
 */

import type { MessageList } from '../d7/log/message-list.ts';
import type { ViberMessage } from '../d7/log/message-row.ts';
import type { MessageAt } from './field-kinds.ts';
import { sliceRows, yieldToEventLoop } from './response/time-slices.ts';

type Index = {
  /** Where the row of a message starts, by its id. */
  starts: ReadonlyMap<string, number>;
  decoded: Map<number, ViberMessage>;
};

/** For one operation: an index weighs as much as a log, and no cache would count it. */
export class MessageIndex {
  readonly #byRows = new Map<MessageList, Promise<Index>>();

  /** Of several messages with one id the first is found. */
  async find(messages: MessageList, msgId: string): Promise<MessageAt | null> {
    const start = (await this.#indexOf(messages)).starts.get(msgId);
    return start === undefined ? null : { messages, start };
  }

  /** One object for each message, however often it is found. */
  async findDecoded(messages: MessageList, msgId: string): Promise<ViberMessage | null> {
    const { starts, decoded } = await this.#indexOf(messages);
    const start = starts.get(msgId);
    if (start === undefined) return null;
    const message = decoded.get(start) ?? messages.decodedAt(start);
    decoded.set(start, message);
    return message;
  }

  #indexOf(messages: MessageList): Promise<Index> {
    let index = this.#byRows.get(messages);
    if (!index) {
      index = this.#build(messages);
      this.#byRows.set(messages, index);
    }
    return index;
  }

  async #build(messages: MessageList): Promise<Index> {
    const starts = new Map<string, number>();
    const rows = messages.rows();
    for (let count = 1; rows.next(); count += 1) {
      const msgId = rows.row.msgId();
      if (!starts.has(msgId)) starts.set(msgId, rows.start);
      if (count % sliceRows === 0) await yieldToEventLoop(this);
    }
    return { starts, decoded: new Map() };
  }
}
