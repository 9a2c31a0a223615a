/**
 * Buffered standard output for log lines, in bounded memory: if the reader is slow or has stopped, lines are dropped.
 *
 * Lines are written in batches, at least every tenth of a second, because one write costs as much as formatting a line. A batch is a
 * byte buffer: strings, concatenated from many, would stay in memory as garbage until they are written.
 */
import { isPipeOrSocket, writeAllSync, writeToFile, writeToPipe } from './stdout-writer.ts';

export type StandardOutput = {
  write: (line: string) => void;
  /** Calls the listener with the number of dropped lines, once all others are written. */
  onDropped: (listener: (count: number) => void) => void;
  /** Resolves when all lines are written, or the time limit is over. */
  flush: () => Promise<void>;
};

const flushEveryMs = 100;
const batchBytes = 64 * 1024;
/** A pipe takes so much at once (PIPE_BUF of Linux), so that the lines of several processes are not mixed up. */
export const sharedBatchBytes = 4096;
/** How long a process that ends waits for its reader, and how often it retries. */
const lastFlushMs = 1000;
const retryMs = 10;

/** @param maxBatchBytes of several lines: a longer line is a batch of its own. */
export function openStandardOutput(maxPendingBytes: number, maxBatchBytes = batchBytes): StandardOutput {
  const isPipe = isPipeOrSocket();
  const writeBytes = isPipe ? writeToPipe : writeToFile;
  /** The first is being written, the last is being filled. */
  const batches: Batch[] = [];
  let pendingBytes = 0;
  let isWriting = false;
  let isBroken = false;
  let dropped = 0;
  let onDropped = (_count: number) => {};
  let onIdle = () => {};

  function write(line: string): void {
    // UTF-8 takes at most three bytes for each UTF-16 unit.
    const maxBytes = line.length * 3;
    if (isBroken || pendingBytes + maxBytes > maxPendingBytes) {
      dropped += 1;
      return;
    }
    pendingBytes += batchFor(maxBytes).add(line);
  }

  function batchFor(maxBytes: number): Batch {
    const last = batches.at(-1);
    // A batch that is being written takes no more lines.
    if (last && !(isWriting && batches.length === 1) && last.length + maxBytes <= maxBatchBytes) return last;
    const batch = new Batch(Math.max(maxBytes, maxBatchBytes));
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
      // A pipe without a reader stays broken. A full disk may have space again later.
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
    const timeout = new Promise<void>((resolve) => setTimeout(resolve, lastFlushMs).unref());
    await Promise.race([idle, timeout]);
    clearInterval(timer);
  }

  /** For the event `exit`, after which no callback runs. A write to a pipe that is in progress cannot be completed here. */
  function flushSync(): void {
    if (isBroken || (isWriting && isPipe)) return;
    const rest = isWriting ? batches.slice(1) : batches;
    try {
      writeAllSync(Buffer.concat(rest.map(({ bytes }) => bytes)), lastFlushMs);
    } catch {
      // The reader has closed its end or does not read, and there is no other place to report that.
    }
  }

  function giveUp(): void {
    isBroken = true;
    batches.length = 0;
    pendingBytes = 0;
    onIdle();
  }

  // Without a listener, the error of a closed pipe would end the process.
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

  get length(): number {
    return this.#length;
  }

  /** @returns the number of bytes written. */
  add(line: string): number {
    const bytes = this.#buffer.write(line, this.#length);
    this.#length += bytes;
    this.lines += 1;
    return bytes;
  }
}
