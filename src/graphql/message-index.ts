/**
 * Finds messages by their ids: a router holds many messages of one log, and each log is walked once for all of them.
 */

import type { MessageList } from '../d7/log/message-list.ts';
import type { ViberMessage } from '../d7/log/message-row.ts';
import { sliceRows, yieldToEventLoop } from './response/time-slices.ts';

type Find = (msgId: string) => ViberMessage | null;

/** For one operation: an index weighs as much as a log, and no cache would count it. */
export class MessageIndex {
  readonly #byRows = new Map<MessageList, Promise<Find>>();

  async find(messages: MessageList, msgId: string): Promise<ViberMessage | null> {
    let index = this.#byRows.get(messages);
    if (!index) {
      index = this.#build(messages);
      this.#byRows.set(messages, index);
    }
    return (await index)(msgId);
  }

  /** Of several messages with one id the first is found. */
  async #build(messages: MessageList): Promise<Find> {
    const places = new Map<string, number>();
    const decoded = new Map<string, ViberMessage>();
    const rows = messages.rows();
    for (let count = 1; rows.next(); count += 1) {
      const msgId = rows.row.msgId();
      if (!places.has(msgId)) places.set(msgId, rows.start);
      if (count % sliceRows === 0) await yieldToEventLoop(this);
    }
    return (msgId) => {
      const place = places.get(msgId);
      if (place === undefined) return null;
      const message = decoded.get(msgId) ?? messages.decodedAt(place);
      decoded.set(msgId, message);
      return message;
    };
  }
}
