/**
 * Replicas publish through Redis which callers D7 has rejected, because each replica caches results in its own memory as well. The
 * subscriber has a connection of its own: Redis accepts no other commands on a subscribed connection.
 *
 * Pub/sub delivers a message only to the current subscribers. So a replica whose connection was lost may have missed messages.
 */
import { randomBytes } from 'node:crypto';
import { createClient } from '@redis/client';
import { redisOptions } from './redis-connection.ts';
import { redisNameOf } from './redis-names.ts';

export type RevocationChannel = {
  publish: (client: Publisher, callerKeys: readonly string[]) => Promise<unknown>;
  onRevoked: (listener: (callerKey: string) => void) => void;
  /** Calls the listener whenever the subscription starts or is restored. */
  onMissed: (listener: () => void) => void;
  close: () => void;
};

type Publisher = { publish: (channel: string, message: string) => Promise<unknown> };

/** The client keeps trying to subscribe until it is closed. */
export function openRevocationChannel(url: string, secret: string): RevocationChannel {
  const subscriber = createClient(redisOptions(url));
  const channel = redisNameOf(secret, ['revocations']);
  const self = randomBytes(9).toString('base64url');
  let onRevoked = (_callerKey: string) => {};
  let onMissed = () => {};

  // The connection for commands reports errors of Redis.
  subscriber.on('error', () => {});
  // After a reconnect the client has already restored the subscription when it emits `ready`.
  subscriber.on('ready', () => onMissed());
  // It rejects if the client is closed before it is connected.
  subscribe().catch(() => {});

  async function subscribe(): Promise<void> {
    await subscriber.connect();
    await subscriber.subscribe(channel, (message) => {
      const [sender, ...callerKeys] = message.split('\n');
      if (sender !== self) for (const callerKey of callerKeys) onRevoked(callerKey);
    });
    onMissed();
  }

  return {
    // All parts are base64url, so none contains a line break.
    publish: (client, callerKeys) => client.publish(channel, [self, ...callerKeys].join('\n')),
    onRevoked(listener) {
      onRevoked = listener;
    },
    onMissed(listener) {
      onMissed = listener;
    },
    close: () => subscriber.destroy(),
  };
}
