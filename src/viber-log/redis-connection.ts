/**
 * The connection to Redis, in bounded time: what is asked of it is answered soon, or not at all, and it is never an error.
 */
import { createClient, ErrorReply, RESP_TYPES } from '@redis/client';
import type { Telemetry } from '../telemetry.ts';

/**
 * Redis answers in less than a millisecond; past this D7 is asked instead. Counted in short turns, one after the other: when
 * this process itself was held up, the turns were too, and a Redis that has long answered is not given up.
 */
const turnMs = 25;
const turns = 10;
/** How long Redis is left alone after it did not answer. */
const restMs = 1000;
/** How long a start waits for Redis. */
export const startMs = 2000;

/** For every connection to Redis. */
export function redisOptions(url: string) {
  return {
    url,
    maintNotifications: 'disabled',
    socket: { connectTimeout: 2000, reconnectStrategy: (retries: number) => Math.min(50 * 2 ** retries, 2000) },
  } as const;
}

/** Comes back when Redis was reached, or was not in time: whichever, it goes on trying. */
export async function connectRedis(url: string, telemetry: Telemetry) {
  const redis = createClient({
    ...redisOptions(url),
    // While it is away commands fail at once, and do not wait for it.
    disableOfflineQueue: true,
    commandsQueueMaxLength: 1000,
  }).withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  let restUntilMs = 0;
  let isWell = true;

  const tried = new Promise((resolve) => {
    redis.once('ready', resolve);
    redis.once('error', resolve);
    // A Redis that is stopped takes connections, and says nothing on them.
    setTimeout(resolve, startMs).unref();
  });
  redis.on('ready', found);
  redis.on('error', lost);
  // Rejected when it is closed before it got there.
  redis.connect().catch(() => {});

  /** Undefined when there was no answer, whatever the reason. */
  async function ask<Answer>(command: (client: typeof redis) => Promise<Answer>): Promise<Answer | undefined> {
    if (!redis.isReady || performance.now() < restUntilMs) return undefined;
    try {
      return await withPatience(command(redis));
    } catch (error) {
      // Redis is well enough to say no: it is full, or it is still loading.
      if (!(error instanceof ErrorReply)) restUntilMs = performance.now() + restMs;
      lost(error);
      return undefined;
    }
  }

  /**
   * A write that was taken proves that all is well; an answer does not, since a full Redis still reads.
   *
   * @returns whether it was taken.
   */
  async function write(command: (client: typeof redis) => Promise<unknown>): Promise<boolean> {
    const wasTaken = (await ask(command)) !== undefined;
    if (wasTaken) found();
    return wasTaken;
  }

  function lost(error: unknown): void {
    if (isWell) telemetry.sharedCacheLost({ reason: reasonOf(error) });
    isWell = false;
  }

  function found(): void {
    if (!isWell) telemetry.sharedCacheFound();
    isWell = true;
  }

  await tried;
  return { ask, write, close: () => redis.destroy() };
}

async function withPatience<Answer>(answer: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    function wait(left: number): void {
      timer = setTimeout(
        () => (left > 0 ? wait(left - 1) : reject(new DOMException('no answer in time', 'TimeoutError'))),
        turnMs,
      );
    }
    wait(turns - 1);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** A code of Node or the first word of Redis's own error, and never a message: those tell addresses. */
function reasonOf(error: unknown): string {
  if (error instanceof ErrorReply) return error.message.split(' ', 1)[0] ?? 'ErrorReply';
  if (!(error instanceof Error)) return typeof error;
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : error.name;
}
