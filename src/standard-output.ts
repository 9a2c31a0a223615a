/**
 * Standard output for lines of the log, in bounded memory: a reader who is slow, or has stopped, costs lines and nothing else.
 *
 * Lines are written in batches, at the latest after a tenth of a second: a write for each line would cost as much as the line. They are
 * put together here, as bytes: strings, each made of many, would keep the garbage collector busy until they are written.
 */
import { fstatSync, writeSync, write as writeToFile } from 'node:fs';

export type StandardOutput = {
  write: (line: string) => void;
  /** Calls the listener with the number of lines that were dropped, once all others are written. */
  onDropped: (listener: (count: number) => void) => void;
  /** Comes back when all is written, or when the reader is too slow for that. */
  flush: () => Promise<void>;
};

const stdout = 1;
const flushEveryMs = 100;
const batchBytes = 64 * 1024;
/** How long a process that ends waits for its reader, and how often it tries. */
const lastFlushMs = 1000;
const retryMs = 10;

export function openStandardOutput(maxPendingBytes: number): StandardOutput {
  const isPipe = isPipeOrSocket();
  const writeBytes = isPipe ? writeToPipe : writeToFileWhole;
  /** The first is being written, the last is being filled. */
  const batches: Batch[] = [];
  let pendingBytes = 0;
  let isWriting = false;
  let isBroken = false;
  let dropped = 0;
  let onDropped = (_count: number) => {};
  let onIdle = () => {};

  function write(line: string): void {
    // UTF-8 has at most three bytes for each unit of a string.
    const mostBytes = line.length * 3;
    if (isBroken || pendingBytes + mostBytes > maxPendingBytes) {
      dropped += 1;
      return;
    }
    pendingBytes += batchFor(mostBytes).add(line);
  }

  function batchFor(mostBytes: number): Batch {
    const last = batches.at(-1);
    // One that is being written takes no more lines.
    if (last && !(isWriting && batches.length === 1) && last.hasRoomFor(mostBytes)) return last;
    const batch = new Batch(Math.max(mostBytes, batchBytes));
    batches.push(batch);
    if (batches.length > 1) writeNext();
    return batch;
  }

  function writeNext(): void {
    const [batch] = batches;
    if (isWriting || batch === undefined) return;
    isWriting = true;
    writeBytes(batch.bytes, (error) => {
      isWriting = false;
      // A pipe whose reader has gone stays broken; a disk that is full may have space again.
      if (error && isPipe) return giveUp();
      if (error) dropped += batch.lines;
      batches.shift();
      pendingBytes -= batch.bytes.length;
      if (batches.length > 1) writeNext();
      else onWritten(error);
    });
  }

  function onWritten(error: Error | null | undefined): void {
    if (dropped > 0 && !error) {
      const count = dropped;
      dropped = 0;
      onDropped(count);
    }
    if (batches.length === 0) onIdle();
  }

  async function flush(): Promise<void> {
    if (batches.length === 0 || isBroken) return;
    const idle = new Promise<void>((resolve) => {
      onIdle = resolve;
    });
    writeNext();
    const timer = setInterval(writeNext, retryMs);
    const late = new Promise<void>((resolve) => setTimeout(resolve, lastFlushMs).unref());
    await Promise.race([idle, late]);
    clearInterval(timer);
  }

  /** Where nothing more is written by itself. What a pipe has taken in part cannot be continued from here. */
  function flushSync(): void {
    if (isBroken || (isWriting && isPipe)) return;
    const rest = isWriting ? batches.slice(1) : batches;
    try {
      writeAll(Buffer.concat(rest.map(({ bytes }) => bytes)));
    } catch {
      // Its reader has gone, or does not read: a process that ends has nobody to tell.
    }
  }

  function giveUp(): void {
    isBroken = true;
    batches.length = 0;
    pendingBytes = 0;
    onIdle();
  }

  // A reader who has gone takes no process with it.
  if (isPipe) process.stdout.on('error', giveUp);
  process.on('exit', flushSync);
  setInterval(writeNext, flushEveryMs).unref();
  return {
    write,
    flush,
    onDropped(listener) {
      onDropped = listener;
    },
  };
}

function isPipeOrSocket(): boolean {
  const status = fstatSync(stdout);
  return status.isFIFO() || status.isSocket();
}

type Done = (error: Error | null | undefined) => void;

/** Node writes to a pipe without blocking. A thread that waits for its reader could not be ended, and the process could not either. */
function writeToPipe(bytes: Buffer, done: Done): void {
  process.stdout.write(bytes, done);
}

/** By a thread: Node's own stream would block the whole process while the disk is busy. */
function writeToFileWhole(bytes: Buffer, done: Done): void {
  writeToFile(stdout, bytes, (error, written) => {
    if (error || written === bytes.length) done(error);
    else writeToFileWhole(bytes.subarray(written), done);
  });
}

/** @throws where the reader does not read in time. */
function writeAll(bytes: Buffer): void {
  const endMs = performance.now() + lastFlushMs;
  for (let rest = bytes; rest.length > 0; ) {
    try {
      rest = rest.subarray(writeSync(stdout, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || performance.now() > endMs) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryMs);
    }
  }
}

class Batch {
  readonly #buffer: Buffer;
  #length = 0;
  lines = 0;

  constructor(size: number) {
    this.#buffer = Buffer.allocUnsafe(size);
  }

  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  hasRoomFor(bytes: number): boolean {
    return this.#length + bytes <= this.#buffer.length;
  }

  /** How many bytes it took. */
  add(line: string): number {
    const bytes = this.#buffer.write(line, this.#length);
    this.#length += bytes;
    this.lines += 1;
    return bytes;
  }
}
