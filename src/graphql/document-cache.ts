/**
 * The documents that have been parsed, kept for the next time they come: frontends send the same few again and again.
 *
 * Yoga keeps 1024 documents and as many errors, however long they are. A stranger who sends ever new ones of the largest
 * size would fill hundreds of megabytes so; these two are bounded in number and in characters.
 */
import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';

export const documentBounds = { max: 256, maxSize: 4 * 1024 * 1024 };

export function createDocumentCaches() {
  return { documentCache: createCache<DocumentNode>(), errorCache: createCache<object>() };
}

function createCache<Value extends object>() {
  return new LRUCache<string, Value>({
    ...documentBounds,
    sizeCalculation: (_value, source) => source.length,
  });
}
