/**
 * The open streams of events. A process that stops cuts them off: `complete` would mean that the log is final, and no client would
 * subscribe again.
 */
import type { ServerResponse } from 'node:http';

export class OpenStreams {
  readonly #responses = new Set<ServerResponse>();

  /** One listener for all, without a closure of each. */
  readonly #forget = forgetIn(this.#responses);

  add(response: ServerResponse): void {
    this.#responses.add(response);
    response.on('close', this.#forget);
  }

  cut(): void {
    // What was written before still arrives.
    for (const { socket } of this.#responses) socket?.destroySoon();
  }
}

function forgetIn(responses: Set<ServerResponse>) {
  return function forget(this: ServerResponse): void {
    responses.delete(this);
  };
}
