/**
 * The bytes of answers, kept as long as each of the readings that they were made of is what a read would give: who asks the same again,
 * with the same token, is answered with them.
 *
 * So an answer is never older than its readings, goes when they go, and is shared with nobody who would not share them.
 */
import type { ReadResult } from '../../d7/read-result.ts';
import { CallerCache } from '../../viber-log/caller-cache.ts';
import type { CallerReads } from '../../viber-log/shared-reads.ts';
import type { Bytes } from '../response/json-writer.ts';

export type ResponseCacheConfig = {
  /** 0: none are kept. */
  maxBytes: number;
  /** As long as any reading may be kept. */
  keepMs: number;
};

export type ResponseCache = {
  /** @param question stands for the query and its variables, and for no others. */
  find: (question: string, reads: CallerReads) => Bytes | undefined;
  /**
   * An answer of which one reading is not kept is not kept either.
   *
   * Nor is one with a reading that D7 has just given: most questions are asked once, and responses that nobody asks for again would push
   * out those that somebody does.
   */
  keep: (
    question: string,
    reads: CallerReads,
    body: Bytes,
    readings: ReadonlyMap<string, ReadResult>,
    askedMs: number,
  ) => void;
};

/**
 * A reading is known by its `fetchedAt`: no two readings share that object. The reading itself would hold its whole log in memory after
 * the cache of readings has evicted it, and no limit would count it.
 */
type Sources = ReadonlyMap<string, Date>;
type KeptAnswer = { body: Bytes; sources: Sources };

/** For each request id: an estimate. */
const sourceBytes = 128;

/** Null where none are kept. */
export function createResponseCache({ maxBytes, keepMs }: ResponseCacheConfig): ResponseCache | null {
  if (maxBytes === 0) return null;
  const answers = new CallerCache<KeptAnswer>(
    maxBytes,
    ({ body, sources }) => body.length + sources.size * sourceBytes,
  );

  return {
    find(question, reads) {
      const answer = answers.get(reads.callerKey, question);
      if (answer === undefined) return undefined;
      if (areStill(answer.sources, reads)) return answer.body;
      answers.delete(reads.callerKey, question);
      return undefined;
    },
    keep(question, reads, body, readings, askedMs) {
      for (const { fetchedAt } of readings.values()) if (fetchedAt.getTime() >= askedMs) return;
      const sources = sourcesOf(readings);
      if (sources.size === 0 || !areStill(sources, reads)) return;
      answers.put(reads.callerKey, question, { body, sources }, keepMs);
    },
  };
}

function sourcesOf(readings: ReadonlyMap<string, ReadResult>): Sources {
  const sources = new Map<string, Date>();
  for (const [requestId, { fetchedAt }] of readings) sources.set(requestId, fetchedAt);
  return sources;
}

function areStill(sources: Sources, reads: CallerReads): boolean {
  for (const [requestId, fetchedAt] of sources)
    if (reads.cachedResult(requestId)?.fetchedAt !== fetchedAt) return false;
  return true;
}
