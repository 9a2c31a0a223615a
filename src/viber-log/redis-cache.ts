/**
 * What replicas share through Redis: the readings that they keep, and the turn to ask D7 for one. It may be slow, down, full or
 * full of garbage: then nothing is shared, and callers see nothing of it but speed.
 *
 * Names are HMACs and values are sealed, so that Redis learns of no token, request or recipient.
 *
 * Each caller has an epoch in Redis, a random value. Whoever looks for a reading first creates it, and a reading opens only under the
 * epoch in which its read began. To revoke a caller is to delete the epoch: what was written before can never be opened again, and
 * nothing of the caller stays. revocations.ts sees to it that it is deleted.
 *
 * A replica that finds nothing that will do takes the turn for that caller and id, and asks D7. Others find the turn taken, and
 * look again until the reading is there or the turn is free: given back, or lost by one who died. So all replicas together ask
 * once, as one process does.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { CallBudget } from '../d7/cancellation.ts';
import type { ReadResult } from '../d7/read-result.ts';
import type { Telemetry } from '../telemetry.ts';
import type { Accepts } from './freshness.ts';
import { connectRedis } from './redis-connection.ts';
import { openRevocationChannel } from './revocation-channel.ts';
import { createRevocations } from './revocations.ts';
import { type SealKey, seal, sealKeyOf, unseal } from './sealed-result.ts';

export type RedisCacheConfig = {
  url: string;
  secret: string;
  /** Pointless where some readings are not kept: those who wait for their turn would wait for nothing. */
  takesTurns: boolean;
  /** The longest time for which any reading is kept. */
  longestKeptMs: number;
  /** Callers whose rejection Redis has not confirmed yet. */
  maxPendingRevocations: number;
};

export type RedisCache = {
  openFor: (token: string, callerKey: string) => CallerShelf;
  /** Calls the listener for each caller whom D7 has rejected at another replica. */
  onRevoked: (listener: (callerKey: string) => void) => void;
  /** Calls the listener when other replicas may have revoked callers unheard. */
  onMissed: (listener: () => void) => void;
  close: () => void;
};

/** What one caller's readings are put on. None of its functions fails. */
type CallerShelf = {
  /** A kept reading that will do; or the turn to ask, and where to put what is found. */
  look: (requestId: string, budget: CallBudget, accepts: Accepts) => Promise<Look>;
  /** D7 has rejected the caller: nothing that was put before is found again. */
  revoke: () => void;
};

export type Look = {
  kept?: ReadResult;
  put: (reading: ReadResult, keepMs: number) => void;
  /** To be called when D7 has answered, well or not. */
  giveTurnBack: () => void;
};

/** A larger one costs more to seal, send and open than it saves. */
const largestBodyBytes = 4 * 1024 * 1024;
/** How long a turn lasts whose holder died, and how often those who wait for it look. */
const turnMs = 3000;
const waitMs = 20;
/** How much longer an epoch lasts than what is kept under it. Once it is lost, its readings are lost, too. */
const epochMarginMs = 10_000;

const nothingShared: Look = { put: () => {}, giveTurnBack: () => {} };

export async function openRedisCache(config: RedisCacheConfig, telemetry: Telemetry): Promise<RedisCache> {
  const { url, secret, takesTurns } = config;
  const epochMs = Math.ceil(config.longestKeptMs + epochMarginMs);
  const [redis, channel] = await Promise.all([connectRedis(url, telemetry), openRevocationChannel(url, secret)]);
  const revocations = createRevocations(config, (revoked) =>
    redis.write((client) => {
      const epochNames = revoked.map((callerKey) => nameOf(callerKey, 'epoch', ''));
      return Promise.all([client.del(epochNames), channel.publish(client, revoked)]);
    }),
  );

  function openFor(token: string, callerKey: string): CallerShelf {
    let derived: SealKey | undefined;

    async function look(requestId: string, budget: CallBudget, accepts: Accepts): Promise<Look> {
      const epochName = nameOf(callerKey, 'epoch', '');
      const name = nameOf(callerKey, 'reading', requestId);
      const turnName = nameOf(callerKey, 'turn', requestId);
      const giveTurnBack = () => void redis.ask((client) => client.del(turnName));
      const wantsTurn = takesTurns && accepts !== null;
      let hasTurn = false;
      let hasEpoch = false;
      for (;;) {
        const answer = revocations.isPending(callerKey)
          ? undefined
          : await redis.ask((client) => client.mGet([epochName, name, turnName]));
        const held = hasTurn ? { ...nothingShared, giveTurnBack } : nothingShared;
        // Without an answer the epoch is not known, and nothing may be put into one.
        if (answer === undefined) return held;
        const [epoch, sealed, turn] = answer;
        const sealedName = `${name}/${epoch?.toString('base64url')}`;
        const kept = epoch && sealed ? unseal(sealed, sealKey(), sealedName) : undefined;
        if (kept && accepts?.(kept)) return { ...held, kept };

        if (epoch && (hasTurn || !wantsTurn || isOver(budget))) {
          return { ...held, put: (reading, keepMs) => put(reading, keepMs, { epochName, name, sealedName }) };
        }
        // Where an epoch was created in vain, what stands there is none.
        if (isOver(budget) || (!epoch && hasEpoch)) return held;
        // Sent together, in one round trip.
        const created = epoch ? true : createEpoch(epochName);
        if (wantsTurn && !hasTurn) hasTurn = !turn && (await takeTurn(turnName));
        hasEpoch = await created;
        if (!hasEpoch) return hasTurn ? { ...nothingShared, giveTurnBack } : nothingShared;
        // With the turn it looks once more: the one who had it before may have found it in between.
        if (wantsTurn && !hasTurn) await pause(waitMs);
      }
    }

    function put(reading: ReadResult, keepMs: number, { epochName, name, sealedName }: Names): void {
      if (reading.bodyBytes > largestBodyBytes) return;
      const sealed = seal(reading, sealKey(), sealedName);
      void redis.write((client) =>
        Promise.all([client.set(name, sealed, { PX: Math.ceil(keepMs) }), client.pExpire(epochName, epochMs)]),
      );
    }

    /** False without an answer. That there is one already is as good. */
    async function createEpoch(epochName: string): Promise<boolean> {
      const answer = await redis.ask(async (client) => {
        await client.set(epochName, randomBytes(16), { NX: true, PX: epochMs });
        return true;
      });
      return answer === true;
    }

    /** Where Redis does not answer any more nobody waits for anybody. */
    async function takeTurn(turnName: string): Promise<boolean> {
      const answer = await redis.ask(async (client) => ({
        wasTaken: (await client.set(turnName, '', { NX: true, PX: turnMs })) === null,
      }));
      return answer?.wasTaken !== true;
    }

    function sealKey(): SealKey {
      derived ??= sealKeyOf(token, secret);
      return derived;
    }

    return { look, revoke: () => revocations.add(callerKey) };
  }

  function nameOf(callerKey: string, what: string, of: string): string {
    return `viber-log:3:${createHmac('sha256', secret).update(`${what}/${callerKey}/${of}`).digest('base64url')}`;
  }

  function close(): void {
    revocations.close();
    channel.close();
    redis.close();
  }

  return { openFor, onRevoked: channel.onRevoked, onMissed: channel.onMissed, close };
}

type Names = { epochName: string; name: string; sealedName: string };

function isOver({ cancellation, deadlineMs }: CallBudget): boolean {
  return cancellation.isCancelled || performance.now() >= deadlineMs;
}
