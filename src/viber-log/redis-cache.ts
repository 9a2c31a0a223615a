/**
 * What replicas share through Redis: the readings that they keep, and the turn to ask D7 for one. It may be slow, down, full or
 * full of garbage: then nothing is shared, and callers see nothing of it but speed.
 *
 * Names are HMACs and values are sealed, so that Redis learns of no token, request or recipient. A caller who was refused is
 * forgotten as in the memory cache: by a new epoch. It lies in Redis beside the readings, is read along with each of them,
 * and a reading opens only in the epoch in which its read began.
 *
 * A replica that finds nothing that will do takes the turn for that caller and id, and asks D7. Others find the turn taken, and
 * look again until the reading is there or the turn is free: given back, or lost by one who died. So all replicas together ask
 * once, as one process does.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Patience } from '../d7/cancellation.ts';
import type { Reading } from '../d7/reading.ts';
import type { Telemetry } from '../telemetry.ts';
import type { Accepts } from './lifetimes.ts';
import type { Place } from './memory-cache.ts';
import { connectRedis } from './redis-connection.ts';
import { type SealKey, seal, sealKeyOf, unseal } from './sealed-reading.ts';

export type RedisCacheConfig = {
  url: string;
  secret: string;
  /** Pointless where some readings are not kept: those who wait for their turn would wait for nothing. */
  takesTurns: boolean;
};

export type RedisCache = {
  openFor: (token: string, callerKey: string) => CallerShelf;
  close: () => void;
};

/** What one caller's readings are put on. None of its functions fails. */
type CallerShelf = {
  /** A kept reading that will do; or the turn to ask, and where to put what is found. */
  look: (requestId: string, patience: Patience, accepts: Accepts) => Promise<Look>;
  forget: () => void;
};

type Look = Place & {
  kept?: Reading;
  /** To be called when D7 has answered, well or not. */
  giveTurnBack: () => void;
};

/** A larger one costs more to seal, send and open than it saves. */
const largestBodyBytes = 4 * 1024 * 1024;
/** How long a turn lasts whose holder died, and how often those who wait for it look. */
const turnMs = 3000;
const waitMs = 20;
/** Longer than anything is kept, so that no reading outlives the epoch that made it invalid. */
const epochMs = 2 * 3600 * 1000;

const nothingShared: Look = { put: () => {}, giveTurnBack: () => {} };

export async function openRedisCache(config: RedisCacheConfig, telemetry: Telemetry): Promise<RedisCache> {
  const { url, secret, takesTurns } = config;
  const redis = await connectRedis(url, telemetry);

  function openFor(token: string, callerKey: string): CallerShelf {
    let derived: SealKey | undefined;
    const epochName = nameOf('epoch', '');

    async function look(requestId: string, patience: Patience, accepts: Accepts): Promise<Look> {
      const name = nameOf('reading', requestId);
      const turnName = nameOf('turn', requestId);
      const giveTurnBack = () => void redis.ask((client) => client.del(turnName));
      let hasTurn = false;
      for (;;) {
        const answer = await redis.ask((client) => client.mGet([epochName, name, turnName]));
        // Without an answer the epoch is not known, and nothing may be put into one.
        if (answer === undefined) return nothingShared;
        const [epoch, sealed, turn] = answer;
        const sealedName = `${name}/${epoch?.toString('base64url') ?? ''}`;
        const kept = sealed ? unseal(sealed, sealKey(), sealedName) : undefined;
        if (kept && accepts?.(kept)) {
          if (hasTurn) giveTurnBack();
          return { ...nothingShared, kept };
        }

        const { put } = placeFor(name, sealedName);
        if (!takesTurns || accepts === null || isOver(patience)) return { ...nothingShared, put };
        if (hasTurn) return { put, giveTurnBack };
        hasTurn = !turn && (await takeTurn(turnName));
        // With the turn it looks once more: the one who had it before may have found it in between.
        if (!hasTurn) await pause(waitMs);
      }
    }

    function placeFor(name: string, sealedName: string): Place {
      return {
        put(reading, keepMs) {
          if (reading.bodyBytes > largestBodyBytes) return;
          const sealed = seal(reading, sealKey(), sealedName);
          void redis.write((client) => client.set(name, sealed, { PX: Math.ceil(keepMs) }));
        },
      };
    }

    /** Where Redis does not answer any more nobody waits for anybody. */
    async function takeTurn(turnName: string): Promise<boolean> {
      const answer = await redis.ask(async (client) => ({
        wasTaken: (await client.set(turnName, '', { NX: true, PX: turnMs })) === null,
      }));
      return answer?.wasTaken !== true;
    }

    function forget(): void {
      void redis.write((client) => client.set(epochName, randomBytes(16), { PX: epochMs }));
    }

    function nameOf(what: string, of: string): string {
      return `viber-log:2:${createHmac('sha256', secret).update(`${what}/${callerKey}/${of}`).digest('base64url')}`;
    }

    function sealKey(): SealKey {
      derived ??= sealKeyOf(token, secret);
      return derived;
    }

    return { look, forget };
  }

  return { openFor, close: redis.close };
}

function isOver({ cancellation, deadlineMs }: Patience): boolean {
  return cancellation.isCancelled || performance.now() >= deadlineMs;
}
