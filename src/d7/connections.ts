/**
 * The connections to D7, and the line of those who wait for one. Past a bound nobody may join the line: one more in a line that
 * does not move helps nobody, and costs memory.
 *
 * Each connection is a client of undici's and bears one exchange at a time. undici's own Pool is not used: it looks through all of
 * its clients for a free one with each call, keeps an async context for each that waits, and cannot let go of one that was given up.
 */
import { buildConnector, Client } from 'undici';
import { ViberLogFailure } from './failures.ts';

export type ConnectionsConfig = {
  /** The only place that a token is ever sent to. */
  origin: string;
  connections: number;
  /** Calls that may wait for a connection. */
  queue: number;
  connectTimeoutMs: number;
};

export type Waiting = { onConnection: (client: Client) => void };

const retryAfterSeconds = 1;
/** It would put all callers on one connection, and what D7 does with it is not known. */
const allowH2 = false;

export class Connections {
  readonly #config: ConnectionsConfig;
  /** One for all connections: it keeps the TLS sessions that the next one resumes. */
  readonly #connect: buildConnector.connector;
  readonly #all: Client[] = [];
  /** The one that was used last is taken first, so that those that are not needed grow old and are closed. */
  readonly #free: Client[] = [];
  readonly #line: Waiting[] = [];

  constructor(config: ConnectionsConfig) {
    this.#config = config;
    this.#connect = buildConnector({ timeout: config.connectTimeoutMs, allowH2 });
  }

  /** @throws ViberLogFailure `overloaded`, when there is no connection and no place in the line. */
  expectPlace(): void {
    const { connections, queue } = this.#config;
    if (this.#free.length > 0 || this.#all.length < connections || this.#line.length < queue) return;
    throw new ViberLogFailure('overloaded', 'every place is taken', { retryAfterSeconds });
  }

  /** Gives a connection: now, or when one is given back. */
  take(waiting: Waiting): void {
    const client = this.#free.pop() ?? this.#open();
    if (client) waiting.onConnection(client);
    else this.#line.push(waiting);
  }

  /** To be called once for each connection that was given. */
  giveBack(client: Client): void {
    const next = this.#line.shift();
    if (next) next.onConnection(client);
    else this.#free.push(client);
  }

  /** For one who was not given any. */
  leaveLine(waiting: Waiting): void {
    const index = this.#line.indexOf(waiting);
    if (index >= 0) this.#line.splice(index, 1);
  }

  /** Lets those who are under way come home. */
  async close(): Promise<void> {
    await Promise.all(this.#all.map((client) => client.close()));
  }

  #open(): Client | undefined {
    if (this.#all.length >= this.#config.connections) return undefined;
    const client = new Client(this.#config.origin, {
      connect: this.#connect,
      // exchange.ts has one clock for the whole attempt: undici's would be two more.
      headersTimeout: 0,
      bodyTimeout: 0,
      allowH2,
    });
    this.#all.push(client);
    return client;
  }
}
