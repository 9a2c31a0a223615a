/**
 * Pings event streams that say nothing for long, so that no proxy takes them for dead. There is one timer for all of them: one of each
 * would be memory of each. A stream with events is not pinged: that would be one write in twelve of a log that changes every second.
 */

export type PingedStream = {
  /** The turn in which it was written to last. */
  writtenIn: number;
  ping: () => void;
};

const turnMs = 1000;
const silentTurns = 12;

export class EventPings {
  readonly #streams = new Set<PingedStream>();
  #timer: NodeJS.Timeout | undefined;
  #turn = 0;

  get turn(): number {
    return this.#turn;
  }

  add(stream: PingedStream): void {
    this.#streams.add(stream);
    this.#timer ??= setInterval(() => this.#pingSilent(), turnMs);
  }

  delete(stream: PingedStream): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #pingSilent(): void {
    this.#turn += 1;
    for (const stream of this.#streams) if (this.#turn - stream.writtenIn >= silentTurns) stream.ping();
  }
}
