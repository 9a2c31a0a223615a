/**
 * The cache that replicas share through Redis. Redis may be slow, unreachable, full or full of garbage: then replicas share nothing,
 * and callers notice only the time that a call to D7 takes.
 *
 * Names in Redis are HMACs and values are encrypted, so Redis learns no token, request id or recipient.
 */
import type { Telemetry } from '../telemetry.ts';
import { connectRedis, type RedisConnection } from './redis-connection.ts';
import { type CallerRedisCache, createCallerRedisCache, type RedisLookupConfig } from './redis-lookup.ts';
import { type NameParts, redisNameOf } from './redis-names.ts';
import { createRedisStart } from './redis-start.ts';
import { openRevocationChannel } from './revocation-channel.ts';
import { createRevocations, type RevocationsConfig } from './revocations.ts';

export type RedisCacheConfig = RedisLookupConfig & RevocationsConfig & { url: string };

export type RedisCache = {
  /** A read begins after the start of Redis is over. Undefined if it is. */
  startEnd: () => Promise<void> | undefined;
  openFor: (token: string, callerKey: string) => CallerRedisCache;
  /** Calls the listener for each caller whom D7 has rejected at another replica. */
  onRevoked: (listener: (callerKey: string) => void) => void;
  /** Calls the listener when this replica may have missed revocations that others published. */
  onMissed: (listener: () => void) => void;
  /** For what else replicas share. */
  connection: RedisConnection;
  nameOf: (parts: NameParts) => string;
  close: () => void;
};

/** Returns at once, whatever the state of Redis. */
export function openRedisCache(config: RedisCacheConfig, telemetry: Telemetry): RedisCache {
  const { url, secret } = config;
  const redis = connectRedis(url, telemetry);
  const channel = openRevocationChannel(url, secret);
  const start = createRedisStart([redis.firstAttempt, channel.firstAttempt]);
  const revocations = createRevocations(config, (callerKeys) =>
    redis.write((client) => {
      const epochNames = callerKeys.map((callerKey) => redisNameOf(secret, ['epoch', callerKey]));
      // One command for each, since the names of different callers are in different slots of a cluster.
      return Promise.all([...epochNames.map((name) => client.del(name)), channel.publish(client, callerKeys)]);
    }),
  );

  function close(): void {
    revocations.close();
    channel.close();
    redis.close();
  }

  return {
    startEnd: start.end,
    openFor: (token, callerKey) => createCallerRedisCache({ config, redis, revocations }, token, callerKey),
    onRevoked: channel.onRevoked,
    onMissed: (listener) =>
      channel.onSubscribed(() => {
        // Before its first read this replica has nothing that a revocation could concern.
        if (start.isOver()) listener();
      }),
    connection: redis,
    nameOf: (parts) => redisNameOf(secret, parts),
    close,
  };
}
