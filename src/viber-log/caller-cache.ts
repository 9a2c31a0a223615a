/**
 * A cache in memory with a partition for each caller, bounded in bytes over all of them.
 *
 * When the bytes exceed the limit, the caller who holds the most loses its least recently used entry. So a caller who is alone may use
 * all of it, and among several no caller can push another one below an equal share.
 *
 * To forget a caller is to drop its partition. A read that began before holds the dropped partition, and whatever it puts there is
 * lost. A caller with nothing cached and nothing being read has no partition.
 */
import { LinkedItem, LinkedList } from '../linked-list.ts';
import { SizeClasses } from './size-classes.ts';

/** Where one read looks, and puts its result. */
export type Place<Value> = {
  /** Without effect once the caller was forgotten. */
  put: (value: Value, keepMs: number) => void;
  wasForgotten: () => boolean;
  /** To be called once, when the read has ended. */
  end: () => void;
};

/** What an entry and a partition occupy beside the value and the key: estimates. */
const entryBytes = 512;
const partitionBytes = 512;

export class CallerCache<Value> {
  readonly #maxBytes: number;
  readonly #bytesOf: (value: Value) => number;
  readonly #partitions = new Map<string, Partition<Value>>();
  /** Only those with entries. The caller who put nothing for the longest time is the first. */
  readonly #byLastPut = new LinkedList<Partition<Value>>();
  readonly #bySize = new SizeClasses<Partition<Value>>();
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

  /** For a read that begins now. */
  place(callerKey: string, key: string): Place<Value> {
    const partition = this.#open(callerKey);
    partition.readers += 1;
    return {
      put: (value, keepMs) => this.#put(partition, key, value, keepMs),
      wasForgotten: () => partition.isForgotten,
      end: () => {
        partition.readers -= 1;
        this.#dropIfUnused(partition);
      },
    };
  }

  put(callerKey: string, key: string, value: Value, keepMs: number): void {
    const place = this.place(callerKey, key);
    place.put(value, keepMs);
    place.end();
  }

  delete(callerKey: string, key: string): void {
    const partition = this.#partitions.get(callerKey);
    const entry = partition?.find(key);
    if (partition && entry) this.#remove(partition, entry);
  }

  forget(callerKey: string): void {
    const partition = this.#partitions.get(callerKey);
    if (partition) this.#drop(partition);
  }

  forgetAll(): void {
    for (const partition of this.#partitions.values()) this.#drop(partition);
  }

  #open(callerKey: string): Partition<Value> {
    let partition = this.#partitions.get(callerKey);
    if (partition === undefined) {
      partition = new Partition(callerKey);
      this.#partitions.set(callerKey, partition);
    }
    return partition;
  }

  #put(partition: Partition<Value>, key: string, value: Value, keepMs: number): void {
    if (partition.isForgotten) return;
    const before = partition.find(key);
    if (before) this.#remove(partition, before);
    const bytes = this.#bytesOf(value) + key.length + entryBytes;
    if (bytes + partitionBytes > this.#maxBytes) return;
    const nowMs = performance.now();
    partition.add(new Entry(key, value, bytes, nowMs + keepMs));
    this.#byLastPut.moveToEnd(partition);
    this.#resize(partition);
    this.#dropExpired(nowMs);
    while (this.#bytes > this.#maxBytes) this.#evict();
  }

  /** Otherwise callers who never come again would fill the cache with what nobody can use. */
  #dropExpired(nowMs: number): void {
    for (let idle = this.#byLastPut.first; idle && idle.expiresMs <= nowMs; idle = this.#byLastPut.first) {
      idle.clear();
      this.#resize(idle);
      this.#dropIfUnused(idle);
    }
  }

  #evict(): void {
    const largest = this.#bySize.largest() as Partition<Value>;
    this.#remove(largest, largest.leastRecentlyUsed as Entry<Value>);
  }

  #remove(partition: Partition<Value>, entry: Entry<Value>): void {
    partition.remove(entry);
    this.#resize(partition);
    this.#dropIfUnused(partition);
  }

  #resize(partition: Partition<Value>): void {
    this.#bytes -= partition.bytes;
    partition.bytes = partition.isEmpty ? 0 : partition.contentBytes + partitionBytes;
    this.#bytes += partition.bytes;
    this.#bySize.update(partition);
    if (partition.isEmpty && partition.list) this.#byLastPut.remove(partition);
  }

  #dropIfUnused(partition: Partition<Value>): void {
    if (partition.isEmpty && partition.readers === 0) this.#drop(partition);
  }

  #drop(partition: Partition<Value>): void {
    if (partition.isForgotten) return;
    partition.isForgotten = true;
    partition.clear();
    this.#resize(partition);
    this.#partitions.delete(partition.callerKey);
  }
}

class Entry<Value> extends LinkedItem {
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

class Partition<Value> extends LinkedItem {
  readonly callerKey: string;
  /** As the cache counts it: 0 without entries. */
  bytes = 0;
  sizeClass = -1;
  contentBytes = 0;
  /** When its last entry expires. */
  expiresMs = 0;
  /** Reads that have not ended. */
  readers = 0;
  isForgotten = false;
  /** Made with the first entry: many callers have none. */
  #entries: Map<string, Entry<Value>> | undefined;
  #byUse: LinkedList<Entry<Value>> | undefined;

  constructor(callerKey: string) {
    super();
    this.callerKey = callerKey;
  }

  get isEmpty(): boolean {
    return this.contentBytes === 0;
  }

  get leastRecentlyUsed(): Entry<Value> | undefined {
    return this.#byUse?.first;
  }

  find(key: string): Entry<Value> | undefined {
    const entry = this.#entries?.get(key);
    if (entry) this.#byUse?.moveToEnd(entry);
    return entry;
  }

  add(entry: Entry<Value>): void {
    this.#entries ??= new Map();
    this.#byUse ??= new LinkedList();
    this.#entries.set(entry.key, entry);
    this.#byUse.moveToEnd(entry);
    this.contentBytes += entry.bytes;
    this.expiresMs = Math.max(this.expiresMs, entry.expiresMs);
  }

  remove(entry: Entry<Value>): void {
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
