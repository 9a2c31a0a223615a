/**
 * An LRU cache in memory with a partition for each caller and one limit of bytes for all of them.
 *
 * When the limit is exceeded, the largest partition evicts its least recently used entry. So a single caller can use the whole cache,
 * and no caller can push another one below an equal share.
 *
 * Invalidating a caller drops its partition. A read that began earlier still refers to the dropped partition, and what it puts there is
 * lost. A caller without entries and pending reads has no partition.
 */
import { LinkedList } from '../linked-list.ts';
import { CacheEntry, CachePartition } from './cache-partition.ts';
import { SizeClasses } from './size-classes.ts';

/** A read in flight that will put its result. */
export class PendingRead<Value> {
  readonly #cache: CallerCache<Value>;
  readonly #partition: CachePartition<Value>;
  readonly #key: string;

  constructor(cache: CallerCache<Value>, partition: CachePartition<Value>, key: string) {
    this.#cache = cache;
    this.#partition = partition;
    this.#key = key;
    partition.pendingReads += 1;
  }

  /** Whether the caller was invalidated since the read began. */
  wasInvalidated(): boolean {
    return this.#partition.isDropped;
  }

  /** Has no effect if the caller was invalidated since. */
  put(value: Value, ttlMs: number): void {
    this.#cache.putInto(this.#partition, this.#key, value, ttlMs);
  }

  /** Call this exactly once, when the read has ended. */
  end(): void {
    this.#partition.pendingReads -= 1;
    this.#cache.dropIfUnused(this.#partition);
  }
}

/** Estimates of the memory that an entry and a partition take in addition to keys and values. */
const entryBytes = 512;
const partitionBytes = 512;

export class CallerCache<Value> {
  readonly #maxBytes: number;
  readonly #bytesOf: (value: Value) => number;
  readonly #partitions = new Map<string, CachePartition<Value>>();
  /** Partitions with entries, ordered by their last put, the oldest first. */
  readonly #byLastPut = new LinkedList<CachePartition<Value>>();
  readonly #bySize = new SizeClasses<CachePartition<Value>>();
  #bytes = 0;

  constructor(maxBytes: number, bytesOf: (value: Value) => number) {
    this.#maxBytes = maxBytes;
    this.#bytesOf = bytesOf;
  }

  get(callerKey: string, key: string): Value | undefined {
    const partition = this.#partitions.get(callerKey);
    const entry = partition?.find(key);
    if (partition === undefined || entry === undefined) return undefined;
    if (performance.now() < entry.expiresMs) return entry.value;
    this.#remove(partition, entry);
    return undefined;
  }

  beginRead(callerKey: string, key: string): PendingRead<Value> {
    return new PendingRead(this, this.#open(callerKey), key);
  }

  put(callerKey: string, key: string, value: Value, ttlMs: number): void {
    const read = this.beginRead(callerKey, key);
    read.put(value, ttlMs);
    read.end();
  }

  /** For a value that has grown: it expires as before. Without effect if it is no longer there. */
  recount(callerKey: string, key: string, value: Value): void {
    const entry = this.#partitions.get(callerKey)?.find(key);
    if (entry?.value === value) this.put(callerKey, key, value, entry.expiresMs - performance.now());
  }

  delete(callerKey: string, key: string): void {
    const partition = this.#partitions.get(callerKey);
    const entry = partition?.find(key);
    if (partition && entry) this.#remove(partition, entry);
  }

  invalidate(callerKey: string): void {
    const partition = this.#partitions.get(callerKey);
    if (partition) this.#drop(partition);
  }

  invalidateAll(): void {
    for (const partition of this.#partitions.values()) this.#drop(partition);
  }

  #open(callerKey: string): CachePartition<Value> {
    let partition = this.#partitions.get(callerKey);
    if (partition === undefined) {
      partition = new CachePartition(callerKey);
      this.#partitions.set(callerKey, partition);
    }
    return partition;
  }

  /** For `PendingRead`. */
  putInto(partition: CachePartition<Value>, key: string, value: Value, ttlMs: number): void {
    if (partition.isDropped) return;
    const before = partition.find(key);
    if (before) this.#remove(partition, before);
    const bytes = this.#bytesOf(value) + key.length + entryBytes;
    if (bytes + partitionBytes > this.#maxBytes) return;
    const nowMs = performance.now();
    partition.add(new CacheEntry(key, value, bytes, nowMs + ttlMs));
    this.#byLastPut.moveToEnd(partition);
    this.#resize(partition);
    this.#dropExpired(nowMs);
    while (this.#bytes > this.#maxBytes) this.#evict();
  }

  /** Without this, expired entries of callers that never return would fill the cache. */
  #dropExpired(nowMs: number): void {
    for (let idle = this.#byLastPut.first; idle && idle.expiresMs <= nowMs; idle = this.#byLastPut.first) {
      idle.clear();
      this.#resize(idle);
      this.dropIfUnused(idle);
    }
  }

  #evict(): void {
    const largest = this.#bySize.largest() as CachePartition<Value>;
    this.#remove(largest, largest.leastRecentlyUsed as CacheEntry<Value>);
  }

  #remove(partition: CachePartition<Value>, entry: CacheEntry<Value>): void {
    partition.remove(entry);
    this.#resize(partition);
    this.dropIfUnused(partition);
  }

  #resize(partition: CachePartition<Value>): void {
    this.#bytes -= partition.bytes;
    partition.bytes = partition.isEmpty ? 0 : partition.contentBytes + partitionBytes;
    this.#bytes += partition.bytes;
    this.#bySize.update(partition);
    if (partition.isEmpty && partition.list) this.#byLastPut.remove(partition);
  }

  /** For `PendingRead`. */
  dropIfUnused(partition: CachePartition<Value>): void {
    if (partition.isEmpty && partition.pendingReads === 0) this.#drop(partition);
  }

  #drop(partition: CachePartition<Value>): void {
    if (partition.isDropped) return;
    partition.isDropped = true;
    partition.clear();
    this.#resize(partition);
    this.#partitions.delete(partition.callerKey);
  }
}
