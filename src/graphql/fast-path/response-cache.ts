/**
 * Caches the bytes of responses, for the caller who asked and for the same query and variables.
 *
 * A cached response is valid as long as a read of each of its logs would give the same result. So it is never older than its results, it
 * goes when they go, and it is shared with no caller who would not share them.
 */
import type { ReadResult } from '../../d7/read-result.ts';
import { CallerCache } from '../../viber-log/caller-cache.ts';
import { type KindCounts, kindOf } from '../../viber-log/freshness.ts';
import type { CallerReads } from '../../viber-log/shared-reads.ts';
import { CompressedForms } from '../response/compressed-forms.ts';
import type { Bytes } from '../response/json-writer.ts';

export type ResponseCacheConfig = {
  /** 0: no response is cached. */
  maxBytes: number;
  /** The longest time that any result may be cached. */
  ttlMs: number;
};

export type ResponseCache = {
  /** @param key that of one query with its variables, and of no other. */
  find: (key: string, reads: CallerReads) => CachedResponse | undefined;
  /**
   * Returns what is cached. A response is not cached when one of its results is not.
   *
   * Nor is it when D7 gave one of its results after `askedMs`: most queries come once, and their responses would push out those of queries
   * that come again.
   */
  put: (
    key: string,
    reads: CallerReads,
    body: Bytes,
    results: ReadonlyMap<string, ReadResult>,
    askedMs: number,
  ) => CachedResponse | undefined;
};

/**
 * `fetchedAt` identifies a result: no two results share that object. A reference to the result itself would hold its whole log in memory
 * after the cache of results has evicted it, and no limit would count it.
 */
type Sources = ReadonlyMap<string, Date>;

export type CachedResponse = {
  body: Bytes;
  /** They are counted with it, and go with it. */
  forms: CompressedForms;
  sources: Sources;
  /** How many results of each kind it has. */
  kinds: KindCounts;
};

/** For each request id: an estimate. */
const sourceBytes = 128;

/** Null where no response is cached. */
export function createResponseCache({ maxBytes, ttlMs }: ResponseCacheConfig): ResponseCache | null {
  if (maxBytes === 0) return null;
  const responses = new CallerCache<CachedResponse>(
    maxBytes,
    ({ body, forms, sources }) => body.length + forms.bytes + sources.size * sourceBytes,
  );

  return {
    find(key, reads) {
      const response = responses.get(reads.callerKey, key);
      if (response === undefined) return undefined;
      if (areStill(response.sources, reads)) {
        reads.countCached(response.kinds);
        return response;
      }
      responses.delete(reads.callerKey, key);
      return undefined;
    },
    put(key, reads, body, results, askedMs) {
      for (const { fetchedAt } of results.values()) if (fetchedAt.getTime() >= askedMs) return undefined;
      const sources = sourcesOf(results);
      if (sources.size === 0 || !areStill(sources, reads)) return undefined;
      const { callerKey } = reads;
      const forms = new CompressedForms(() => responses.recount(callerKey, key, response));
      const response: CachedResponse = { body, forms, sources, kinds: kindsOf(results) };
      responses.put(callerKey, key, response, ttlMs);
      return response;
    },
  };
}

function sourcesOf(results: ReadonlyMap<string, ReadResult>): Sources {
  const sources = new Map<string, Date>();
  for (const [requestId, { fetchedAt }] of results) sources.set(requestId, fetchedAt);
  return sources;
}

function kindsOf(results: ReadonlyMap<string, ReadResult>): KindCounts {
  const kinds = { final: 0, live: 0, missing: 0 };
  for (const result of results.values()) kinds[kindOf(result)] += 1;
  return kinds;
}

function areStill(sources: Sources, reads: CallerReads): boolean {
  for (const [requestId, fetchedAt] of sources)
    if (reads.cachedResult(requestId)?.fetchedAt !== fetchedAt) return false;
  return true;
}
