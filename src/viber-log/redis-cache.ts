/**
 * The readings that replicas share through Redis. It may be slow, down, full or full of garbage: then nothing is kept here,
 * and callers see nothing of it but speed.
 *
 * Names are HMACs and values are sealed, so that Redis learns of no token, request or recipient. A caller who was refused is
 * forgotten as in the memory cache: by a new epoch. It lies in Redis beside the readings, is read along with each of them,
 * and a reading opens only in the epoch in which its read began.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { createClient, ErrorReply, RESP_TYPES } from '@redis/client';
import type { Reading } from '../d7/reading.ts';
import type { Telemetry } from '../telemetry.ts';
import type { Place } from './memory-cache.ts';
import { type SealKey, seal, sealKeyOf, unseal } from './sealed-reading.ts';

export type RedisCacheConfig = { url: string; secret: string };

export type RedisCache = {
  openFor: (token: string, callerKey: string) => CallerShelf;
  close: () => void;
};

/** What one caller's readings are put on. None of its functions fails. */
export type CallerShelf = {
  /** What is kept of an id, and where a read that begins now may put what it finds. */
  look: (requestId: string) => Promise<Look>;
  forget: () => void;
};

type Look = Place & { kept: Reading | undefined };

/** Redis answers in less than one; past this D7 is asked instead. */
const patienceMs = 100;
/** How long Redis is left alone after it did not answer. */
const restMs = 1000;
/** A larger one costs more to seal, send and open than it saves. */
const largestBodyBytes = 4 * 1024 * 1024;
/** Longer than anything is kept, so that no reading outlives the epoch that made it invalid. */
const epochMs = 2 * 3600 * 1000;

export function openRedisCache({ url, secret }: RedisCacheConfig, telemetry: Telemetry): RedisCache {
  const redis = createClient({
    url,
    // While it is away commands fail at once, and do not wait for it.
    disableOfflineQueue: true,
    commandsQueueMaxLength: 1000,
    maintNotifications: 'disabled',
    socket: { connectTimeout: 2000, reconnectStrategy: (retries) => Math.min(50 * 2 ** retries, 2000) },
  }).withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  let restUntilMs = 0;
  let isWell = true;

  redis.on('error', lost);
  redis.on('ready', found);
  // It goes on trying by itself; the promise is rejected when the cache is closed before it got there.
  redis.connect().catch(() => {});

  /** Undefined when there was no answer, whatever the reason. */
  async function ask<Answer>(command: () => Promise<Answer>): Promise<Answer | undefined> {
    if (!redis.isReady || performance.now() < restUntilMs) return undefined;
    try {
      return await within(patienceMs, command());
    } catch (error) {
      // Redis is well enough to say no: it is full, or it is still loading.
      if (!(error instanceof ErrorReply)) restUntilMs = performance.now() + restMs;
      lost(error);
      return undefined;
    }
  }

  function lost(error: unknown): void {
    if (isWell) telemetry.sharedCacheLost({ reason: reasonOf(error) });
    isWell = false;
  }

  function found(): void {
    if (!isWell) telemetry.sharedCacheFound();
    isWell = true;
  }

  function openFor(token: string, callerKey: string): CallerShelf {
    let sealKey: SealKey | undefined;
    const nameOf = (what: string, of: string) =>
      `viber-log:1:${createHmac('sha256', secret).update(`${what}/${callerKey}/${of}`).digest('base64url')}`;
    const epochName = nameOf('epoch', '');

    async function look(requestId: string): Promise<Look> {
      const name = nameOf('reading', requestId);
      const found = await ask(() => redis.mGet([epochName, name]));
      // Without an answer the epoch is not known, and nothing may be put into one.
      if (found === undefined) return { kept: undefined, put: () => {} };
      const [epoch, sealed] = found;
      const sealedName = `${name}/${epoch?.toString('base64url') ?? ''}`;
      sealKey ??= sealKeyOf(token, secret);
      const key = sealKey;
      return {
        kept: sealed ? unseal(sealed, key, sealedName) : undefined,
        put(reading, keepMs) {
          if (reading.bodyBytes > largestBodyBytes) return;
          void ask(() => redis.set(name, seal(reading, key, sealedName), { PX: keepMs })).then(keptOne);
        },
      };
    }

    function forget(): void {
      void ask(() => redis.set(epochName, randomBytes(16), { PX: epochMs }));
    }

    return { look, forget };
  }

  /** Only a write proves that all is well: a full Redis still reads. */
  function keptOne(answer: unknown): void {
    if (answer !== undefined) found();
  }

  return { openFor, close: () => redis.destroy() };
}

async function within<Answer>(ms: number, answer: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), ms);
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
