/** Holds the threads that compress, so that a response stays as it is for as long as a test wants. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Nothing is compressed until `release`: each of libuv's threads waits for somebody to write into a pipe. */
export async function holdThreadPool() {
  const folder = mkdtempSync(join(tmpdir(), 'threads-'));
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const opening = Array.from({ length: 4 }, () => open(pipe, 'r'));
  let isHeld = true;

  async function release() {
    if (!isHeld) return;
    isHeld = false;
    const writer = openSync(pipe, 'r+');
    for (const reader of await Promise.all(opening)) await reader.close();
    closeSync(writer);
    rmSync(folder, { recursive: true });
  }
  return { release, [Symbol.asyncDispose]: release };
}
