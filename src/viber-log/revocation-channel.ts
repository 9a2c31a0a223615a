/**
 * Replicas tell each other through Redis whom D7 has rejected, since each holds results in its own memory, too. It has a connection of
 * its own: Redis takes no other commands on one that listens.
 *
 * Redis delivers a message to those who listen at that moment, and to nobody later. Whoever was away may have missed some.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { createClient } from '@redis/client';
import { redisOptions, startMs } from './redis-connection.ts';

export type RevocationChannel = {
  publish: (client: Publisher, callerKeys: readonly string[]) => Promise<unknown>;
  onRevoked: (listener: (callerKey: string) => void) => void;
  /** Calls the listener whenever it begins to listen anew. */
  onMissed: (listener: () => void) => void;
  close: () => void;
};

type Publisher = { publish: (channel: string, message: string) => Promise<unknown> };

/** How soon a connection that was cut off in silence is noticed. */
const pingMs = 10_000;

/** Comes back when it listens, or could not in time: whichever, it goes on trying. */
export async function openRevocationChannel(url: string, secret: string): Promise<RevocationChannel> {
  const { socket, ...options } = redisOptions(url);
  const subscriber = createClient({
    ...options,
    pingInterval: pingMs,
    socket: { ...socket, socketTimeout: 3 * pingMs },
  });
  const channel = `viber-log:3:${createHmac('sha256', secret).update('revocations').digest('base64url')}`;
  const self = randomBytes(9).toString('base64url');
  let onRevoked = (_callerKey: string) => {};
  let onMissed = () => {};

  const tried = new Promise((resolve) => {
    subscriber.once('error', resolve);
    setTimeout(resolve, startMs).unref();
  });
  // What is wrong with Redis is reported by the connection for commands.
  subscriber.on('error', () => {});
  // After the first time the client subscribes again by itself before it is ready.
  subscriber.on('ready', () => onMissed());
  const listening = listen().catch(() => {});

  async function listen(): Promise<void> {
    await subscriber.connect();
    await subscriber.subscribe(channel, (message) => {
      const [sender, ...callerKeys] = message.split('\n');
      if (sender !== self) for (const callerKey of callerKeys) onRevoked(callerKey);
    });
    onMissed();
  }

  await Promise.race([tried, listening]);
  return {
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
