/**
 * The open streams of events. A process that stops cuts them off: `complete` would mean that the log is final, and no client would
 * subscribe again.
 */
import type { ServerResponse } from 'node:http';

export class OpenStreams {
  readonly #responses = new Set<ServerResponse>();

  add(response: ServerResponse): void {
    this.#responses.add(response);
    response.once('close', () => this.#responses.delete(response));
  }

  cut(): void {
    // What was written before still arrives.
    for (const { socket } of this.#responses) socket?.destroySoon();
  }
}
