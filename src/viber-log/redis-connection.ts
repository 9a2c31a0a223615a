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
/** A first connection that takes longer is logged as lost. */
const startMs = 2000;
/** Detects a connection that was cut without a FIN or RST, and a Redis that accepts connections and never answers. */
const pingMs = 5000;

/** Common to all connections to Redis. */
export function redisOptions(url: string) {
  return {
    url,
    maintNotifications: 'disabled',
    pingInterval: pingMs,
    socket: {
      connectTimeout: 2000,
      socketTimeout: 3 * pingMs,
      reconnectStrategy: (retries: number) => Math.min(50 * 2 ** retries, 2000),
    },
  } as const;
}

/** What a node of a cluster replies to a command on a slot that it does not serve. */
const clusterReplies = new Set(['MOVED', 'ASK', 'CROSSSLOT', 'CLUSTERDOWN', 'TRYAGAIN']);

export type RedisConnection = ReturnType<typeof connectRedis>;

/** The client keeps trying to connect until it is closed. */
export function connectRedis(url: string, telemetry: Telemetry) {
  const redis = createClient({
    ...redisOptions(url),
    // Without a connection commands fail at once.
    disableOfflineQueue: true,
    commandsQueueMaxLength: 1000,
  }).withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  let pausedUntilMs = 0;
  let isAvailable = true;
  let isKnownNode = false;

  const firstAttempt = Promise.withResolvers<void>();
  const startTimer = setTimeout(() => onUnavailable(noAnswerInTime()), startMs).unref();

  redis.once('ready', endFirstAttempt);
  redis.once('error', endFirstAttempt);
  redis.on('ready', onAvailable);
  redis.on('error', onUnavailable);
  // It rejects if the client is closed before it is connected.
  redis.connect().catch(() => {});

  function endFirstAttempt(): void {
    clearTimeout(startTimer);
    firstAttempt.resolve();
  }

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
    const reason = reasonOf(error);
    if (clusterReplies.has(reason)) {
      onNode(reason);
      return;
    }
    if (isAvailable) telemetry.redisUnavailable({ reason });
    isAvailable = false;
  }

  /** Never a loss: the node serves its own slots, so that a line for each loss and each recovery would have no end. */
  function onNode(reason: string): void {
    if (!isKnownNode) telemetry.redisIsClusterNode({ reason });
    isKnownNode = true;
  }

  function onAvailable(): void {
    if (!isAvailable) telemetry.redisAvailable();
    isAvailable = true;
  }

  function close(): void {
    endFirstAttempt();
    redis.destroy();
  }

  return {
    /** Resolves with the first connection, or when the first attempt has failed. */
    firstAttempt: firstAttempt.promise,
    ask,
    write,
    close,
  };
}

/** @throws DOMException `TimeoutError` */
export async function withTimeout<Answer>(answer: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    function wait(timersLeft: number): void {
      timer = setTimeout(() => (timersLeft > 0 ? wait(timersLeft - 1) : reject(noAnswerInTime())), timerMs);
    }
    wait(timerCount - 1);
  });
  try {
    return await Promise.race([answer, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

function noAnswerInTime(): DOMException {
  return new DOMException('no answer in time', 'TimeoutError');
}

/** Node's error code, the first word of Redis's error reply, or the class of the error. Never a message, which may contain addresses. */
function reasonOf(error: unknown): string {
  if (error instanceof ErrorReply) return error.message.split(' ', 1)[0] ?? 'ErrorReply';
  if (!(error instanceof Error)) return typeof error;
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === 'string') return code;
  // The classes of the client say what happened, but all have the name that they inherit.
  return error.name === 'Error' ? error.constructor.name : error.name;
}
