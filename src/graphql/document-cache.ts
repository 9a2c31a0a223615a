/**
 * What is known of documents, kept for the next time they come: frontends send the same few again and again.
 *
 * Yoga would keep 1024 documents and as many errors, however long they are. A stranger who sends ever new ones of the largest size
 * would fill hundreds of megabytes so; here they are bounded in number and in characters. And a document is kept when it comes for
 * the second time, and no sooner: of one that never comes again nothing stays, and what is thrown away at once costs the garbage
 * collector next to nothing, where a parsed document that is kept for a while costs it more than parsing it did.
 */
import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';

export type DocumentCache<Value> = {
  get: (source: string) => Value | undefined;
  /** Whether it is kept now. */
  set: (source: string, value: Value) => boolean;
};

const bounds = { max: 256, maxSize: 4 * 1024 * 1024 };

export function createDocumentCaches() {
  return { documentCache: createDocumentCache<DocumentNode>(), errorCache: createDocumentCache<object>() };
}

export function createDocumentCache<Value extends object>(): DocumentCache<Value> {
  // An empty document has a size, too: the cache throws at 0.
  const sizeCalculation = (_value: unknown, source: string) => source.length + 1;
  const kept = new LRUCache<string, Value>({ ...bounds, sizeCalculation });
  /** Those who came once, of late. */
  const seen = new LRUCache<string, true>({ ...bounds, sizeCalculation });
  return {
    get: (source) => kept.get(source),
    set(source, value) {
      const comesAgain = seen.has(source);
      if (comesAgain) kept.set(source, value);
      else seen.set(source, true);
      return comesAgain;
    },
  };
}
