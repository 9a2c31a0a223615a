/**
 * Caches for documents: frontends send the same few again and again.
 *
 * Yoga would cache 1024 documents and as many errors, however long they are: new documents of the largest size would fill hundreds of
 * megabytes. Here both number and characters are bounded. A document is cached when it comes for the second time: one that comes once
 * leaves nothing, since a parsed document that lives for a while costs the garbage collector more than parsing it.
 */
import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';

export type DocumentCache<Value> = {
  get: (source: string) => Value | undefined;
  /** Whether it is cached now. */
  set: (source: string, value: Value) => boolean;
};

const bounds = { max: 256, maxSize: 4 * 1024 * 1024 };

export type DocumentCaches = ReturnType<typeof createDocumentCaches>;

export function createDocumentCaches() {
  const documentCache = createDocumentCache<DocumentNode>();
  const errorCache = createDocumentCache<object>();
  const has = (source: string) => documentCache.get(source) !== undefined || errorCache.get(source) !== undefined;
  return { documentCache, errorCache, has };
}

export function createDocumentCache<Value extends object>(): DocumentCache<Value> {
  // An empty document has a size, too: the cache throws at 0.
  const sizeCalculation = (_value: unknown, source: string) => source.length + 1;
  const cached = new LRUCache<string, Value>({ ...bounds, sizeCalculation });
  /** Documents that came once. */
  const seen = new LRUCache<string, true>({ ...bounds, sizeCalculation });
  return {
    get: (source) => cached.get(source),
    set(source, value) {
      const comesAgain = seen.has(source);
      if (comesAgain) cached.set(source, value);
      else seen.set(source, true);
      return comesAgain;
    },
  };
}
