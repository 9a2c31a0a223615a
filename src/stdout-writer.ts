/**
 * Writes bytes to standard output, whichever kind of file it is: a pipe or socket, a file, or a terminal.
 */
import { fstatSync, writeSync, write as writeToFileDescriptor } from 'node:fs';

export type WriteDone = (error: Error | null | undefined) => void;

const stdout = 1;
const retryMs = 10;

export function isPipeOrSocket(): boolean {
  const status = fstatSync(stdout);
  return status.isFIFO() || status.isSocket();
}

/** Non-blocking. A worker thread that is blocked by the reader of a pipe could not be stopped, and would keep the process alive. */
export function writeToPipe(bytes: Buffer, done: WriteDone): void {
  process.stdout.write(bytes, done);
}

/** In a worker thread: Node's own stream for files is synchronous, and would block the process while the disk is busy. */
export function writeToFile(bytes: Buffer, done: WriteDone): void {
  writeToFileDescriptor(stdout, bytes, (error, written) => {
    if (error || written === bytes.length) done(error);
    else writeToFile(bytes.subarray(written), done);
  });
}

/** @throws if the reader does not read within the timeout. */
export function writeAllSync(bytes: Buffer, timeoutMs: number): void {
  const deadlineMs = performance.now() + timeoutMs;
  for (let rest = bytes; rest.length > 0; ) {
    try {
      rest = rest.subarray(writeSync(stdout, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || performance.now() > deadlineMs) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, retryMs);
    }
  }
}
