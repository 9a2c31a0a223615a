/**
 * The entries of one caller in the cache, ordered by their last use.
 */
import { LinkedItem, LinkedList } from '../linked-list.ts';

export class CacheEntry<Value> extends LinkedItem {
  readonly key: string;
  readonly value: Value;
  readonly bytes: number;
  readonly expiresMs: number;

  constructor(key: string, value: Value, bytes: number, expiresMs: number) {
    super();
    this.key = key;
    this.value = value;
    this.bytes = bytes;
    this.expiresMs = expiresMs;
  }
}

export class CachePartition<Value> extends LinkedItem {
  readonly callerKey: string;
  /** The size that the cache counts: 0 without entries, otherwise with the partition's own overhead. */
  bytes = 0;
  sizeClass = -1;
  contentBytes = 0;
  /** When all entries have expired. */
  expiresMs = 0;
  /** A partition with pending reads is dropped only by an invalidation. */
  pendingReads = 0;
  isDropped = false;
  /** Created with the first entry: many callers have none. */
  #entries: Map<string, CacheEntry<Value>> | undefined;
  #byUse: LinkedList<CacheEntry<Value>> | undefined;

  constructor(callerKey: string) {
    super();
    this.callerKey = callerKey;
  }

  get isEmpty(): boolean {
    return this.contentBytes === 0;
  }

  get leastRecentlyUsed(): CacheEntry<Value> | undefined {
    return this.#byUse?.first;
  }

  find(key: string): CacheEntry<Value> | undefined {
    const entry = this.#entries?.get(key);
    if (entry) this.#byUse?.moveToEnd(entry);
    return entry;
  }

  add(entry: CacheEntry<Value>): void {
    this.#entries ??= new Map();
    this.#byUse ??= new LinkedList();
    this.#entries.set(entry.key, entry);
    this.#byUse.moveToEnd(entry);
    this.contentBytes += entry.bytes;
    this.expiresMs = Math.max(this.expiresMs, entry.expiresMs);
  }

  remove(entry: CacheEntry<Value>): void {
    this.#entries?.delete(entry.key);
    this.#byUse?.remove(entry);
    this.contentBytes -= entry.bytes;
  }

  clear(): void {
    this.#entries = undefined;
    this.#byUse = undefined;
    this.contentBytes = 0;
    this.expiresMs = 0;
  }
}
