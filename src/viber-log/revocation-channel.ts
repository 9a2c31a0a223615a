/**
 * Replicas publish through Redis which callers D7 has rejected, because each replica caches results in its own memory as well. The
 * subscriber has a connection of its own: Redis accepts no other commands on a subscribed connection.
 *
 * Pub/sub delivers a message only to the current subscribers. So a replica that was not subscribed for a time may have missed messages.
 */
import { randomBytes } from 'node:crypto';
import { createClient } from '@redis/client';
import { redisOptions } from './redis-connection.ts';
import { redisNameOf } from './redis-names.ts';

export type RevocationChannel = {
  /** Resolves with the first subscription, or when the first attempt has failed. */
  firstAttempt: Promise<void>;
  publish: (client: Publisher, callerKeys: readonly string[]) => Promise<unknown>;
  onRevoked: (listener: (callerKey: string) => void) => void;
  /** Calls the listener whenever the subscription starts or is restored, and before `firstAttempt` resolves. */
  onSubscribed: (listener: () => void) => void;
  close: () => void;
};

type Publisher = { publish: (channel: string, message: string) => Promise<unknown> };

/** After a Redis that is connected has refused the subscription. */
const retryMs = 2000;

/** Keeps trying to subscribe until it is closed. */
export function openRevocationChannel(url: string, secret: string): RevocationChannel {
  const subscriber = createClient(redisOptions(url));
  const channel = redisNameOf(secret, ['revocations']);
  const self = randomBytes(9).toString('base64url');
  let onRevoked = (_callerKey: string) => {};
  let onSubscribed = () => {};
  let isSubscribed = false;
  let retry: NodeJS.Timeout | undefined;
  const firstAttempt = Promise.withResolvers<void>();

  // The connection for commands reports errors of Redis.
  subscriber.on('error', () => firstAttempt.resolve());
  subscriber.on('ready', () => void subscribe());
  // It rejects if the client is closed before it is connected.
  subscriber.connect().catch(() => {});

  /** After a reconnect the client has already restored a subscription when it emits `ready`, but only one that was confirmed before. */
  async function subscribe(): Promise<void> {
    clearTimeout(retry);
    try {
      if (!isSubscribed) await subscriber.subscribe(channel, onMessage);
      isSubscribed = true;
      onSubscribed();
    } catch {
      if (subscriber.isReady) retry = setTimeout(() => void subscribe(), retryMs).unref();
    }
    firstAttempt.resolve();
  }

  function onMessage(message: string): void {
    const [sender, ...callerKeys] = message.split('\n');
    if (sender !== self) for (const callerKey of callerKeys) onRevoked(callerKey);
  }

  function close(): void {
    clearTimeout(retry);
    firstAttempt.resolve();
    subscriber.destroy();
  }

  return {
    firstAttempt: firstAttempt.promise,
    // All parts are base64url, so none contains a line break.
    publish: (client, callerKeys) => client.publish(channel, [self, ...callerKeys].join('\n')),
    onRevoked(listener) {
      onRevoked = listener;
    },
    onSubscribed(listener) {
      onSubscribed = listener;
    },
    close,
  };
}
