/**
 * The connections to D7. Each is leased for one exchange, last in, first out, so that idle connections close.
 *
 * Each is an undici Client. undici's own Pool searches all of its clients for a free one with each call, and has a queue of its own, where
 * fair-queue.ts has to decide.
 */
import { buildConnector, Client } from 'undici';

export type ConnectionsConfig = {
  /** The only origin that receives a token. */
  origin: string;
  connectTimeoutMs: number;
};

/** HTTP/2 would put all callers on one connection. How D7 handles it is unknown. */
const allowH2 = false;

export class Connections {
  readonly #origin: string;
  /** One for all connections: it caches the TLS sessions, which the next connection resumes. */
  readonly #connect: buildConnector.connector;
  readonly #all = new Set<Client>();
  readonly #free: Client[] = [];
  /** Connections on which no call was sent so far. */
  readonly #unused = new WeakSet<Client>();

  constructor({ origin, connectTimeoutMs }: ConnectionsConfig) {
    this.#origin = origin;
    this.#connect = buildConnector({ timeout: connectTimeoutMs, allowH2 });
  }

  /** The fair queue bounds how many are leased at once. */
  acquire(): Client {
    return this.#free.pop() ?? this.#open();
  }

  /** To be called once for each lease. */
  release(client: Client): void {
    this.#free.push(client);
  }

  /** In place of `release`: the next call gets another connection. */
  discard(client: Client): void {
    this.#all.delete(client);
    // Not synchronously: undici is still reading from this connection.
    queueMicrotask(() => void client.destroy());
  }

  /** To be called when a call is sent. Returns whether earlier calls were sent on the same connection. */
  isUsed(client: Client): boolean {
    return !this.#unused.delete(client);
  }

  /** Waits for the exchanges in flight. */
  async close(): Promise<void> {
    await Promise.all([...this.#all].map((client) => client.close()));
  }

  #open(): Client {
    const client = new Client(this.#origin, {
      connect: this.#connect,
      // attempt-timeouts.ts has the limits of an attempt.
      headersTimeout: 0,
      bodyTimeout: 0,
      allowH2,
    });
    // A client opens a new connection after D7 has closed the one before.
    client.on('connect', () => this.#unused.add(client));
    this.#all.add(client);
    return client;
  }
}
