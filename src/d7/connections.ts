/**
 * The connections to D7: leased for one exchange each, and given out last in, first out, so that those that are not needed close.
 *
 * Each is an undici Client. undici's own Pool is not used: it looks through all of its clients for a free one with each call, and keeps a
 * queue of its own, where fair-queue.ts has to decide.
 */
import { buildConnector, Client } from 'undici';

export type ConnectionsConfig = {
  /** The only place that a token is ever sent to. */
  origin: string;
  connectTimeoutMs: number;
};

/** It would put all callers on one connection, and what D7 does with it is not known. */
const allowH2 = false;

export class Connections {
  readonly #origin: string;
  /** One for all connections: it keeps the TLS sessions that the next one resumes. */
  readonly #connect: buildConnector.connector;
  readonly #all: Client[] = [];
  readonly #free: Client[] = [];

  constructor({ origin, connectTimeoutMs }: ConnectionsConfig) {
    this.#origin = origin;
    this.#connect = buildConnector({ timeout: connectTimeoutMs, allowH2 });
  }

  /** The fair queue bounds how many are leased at once. */
  acquire(): Client {
    return this.#free.pop() ?? this.#open();
  }

  /** To be called once for each connection that was acquired. */
  release(client: Client): void {
    this.#free.push(client);
  }

  /** Lets the exchanges in flight end. */
  async close(): Promise<void> {
    await Promise.all(this.#all.map((client) => client.close()));
  }

  #open(): Client {
    const client = new Client(this.#origin, {
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
