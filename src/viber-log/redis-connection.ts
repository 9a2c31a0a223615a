/**
 * The connection to Redis with a timeout on every command. A command that fails or takes too long has the result `undefined`, and never
 * throws.
 */
import { createClient, ErrorReply, RESP_TYPES } from '@redis/client';
import type { Telemetry } from '../telemetry.ts';

/**
 * Redis answers in less than a millisecond; after 250 ms the gateway calls D7 instead. The timeout is a chain of short timers: when this
 * process itself was blocked, they are late as well, and an answer that has arrived meanwhile is read before the last one fires.
 */
const timerMs = 25;
const timerCount = 10;
/** After a timeout, no commands are sent for this long. */
const cooldownMs = 1000;
/** How long a start waits for the first connection. */
export const startMs = 2000;

/** Common to all connections to Redis. */
export function redisOptions(url: string) {
  return {
    url,
    maintNotifications: 'disabled',
    socket: { connectTimeout: 2000, reconnectStrategy: (retries: number) => Math.min(50 * 2 ** retries, 2000) },
  } as const;
}

export type RedisConnection = Awaited<ReturnType<typeof connectRedis>>;

/** Resolves when Redis is connected or `startMs` is over. In both cases the client keeps trying to connect. */
export async function connectRedis(url: string, telemetry: Telemetry) {
  const redis = createClient({
    ...redisOptions(url),
    // Without a connection commands fail at once.
    disableOfflineQueue: true,
    commandsQueueMaxLength: 1000,
  }).withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  let pausedUntilMs = 0;
  let isAvailable = true;

  const firstAttempt = new Promise((resolve) => {
    redis.once('ready', resolve);
    redis.once('error', resolve);
    // A stopped Redis process still accepts connections, and never answers.
    setTimeout(resolve, startMs).unref();
  });
  redis.on('ready', onAvailable);
  redis.on('error', onUnavailable);
  // It rejects if the client is closed before it is connected.
  redis.connect().catch(() => {});

  /** Undefined if there was no answer, for whatever reason. */
  async function ask<Answer>(command: (client: typeof redis) => Promise<Answer>): Promise<Answer | undefined> {
    if (!redis.isReady || performance.now() < pausedUntilMs) return undefined;
    try {
      return await withTimeout(command(redis));
    } catch (error) {
      // An error reply (full, loading) is an answer: the next command may be sent at once.
      if (!(error instanceof ErrorReply)) pausedUntilMs = performance.now() + cooldownMs;
      onUnavailable(error);
      return undefined;
    }
  }

  /**
   * Only a successful write proves that Redis is available again, since a full Redis still reads.
   *
   * @returns whether the write succeeded.
   */
  async function write(command: (client: typeof redis) => Promise<unknown>): Promise<boolean> {
    const succeeded = (await ask(command)) !== undefined;
    if (succeeded) onAvailable();
    return succeeded;
  }

  function onUnavailable(error: unknown): void {
    if (isAvailable) telemetry.redisUnavailable({ reason: reasonOf(error) });
    isAvailable = false;
  }

  function onAvailable(): void {
    if (!isAvailable) telemetry.redisAvailable();
    isAvailable = true;
  }

  await firstAttempt;
  return { ask, write, close: () => redis.destroy() };
}

async function withTimeout<Answer>(answer: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    function wait(timersLeft: number): void {
      timer = setTimeout(
        () => (timersLeft > 0 ? wait(timersLeft - 1) : reject(new DOMException('no answer in time', 'TimeoutError'))),
        timerMs,
      );
    }
    wait(timerCount - 1);
  });
  try {
    return await Promise.race([answer, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** Node's error code or the first word of Redis's error reply. Never a message, which may contain addresses. */
function reasonOf(error: unknown): string {
  if (error instanceof ErrorReply) return error.message.split(' ', 1)[0] ?? 'ErrorReply';
  if (!(error instanceof Error)) return typeof error;
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : error.name;
}
