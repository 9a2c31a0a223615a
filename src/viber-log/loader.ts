/**
 * The DataLoader of one operation: it reads each distinct request id once, however often the query contains it.
 *
 * D7 has no bulk call. So a batch is a fan-out with limited concurrency, and each id has its own failure.
 */
import DataLoader from 'dataloader';
import type { ReadResult } from '../d7/read-result.ts';

export type ViberLogLoader = DataLoader<string, ReadResult>;

export type ReadViberLog = (requestId: string) => Promise<ReadResult>;

export function createViberLogLoader(read: ReadViberLog, concurrentCalls: number): ViberLogLoader {
  return new DataLoader((requestIds) => readEach(requestIds, read, concurrentCalls));
}

/** DataLoader takes the failure of one id as an Error among the results: a rejected batch would fail every id. */
async function readEach(
  requestIds: readonly string[],
  read: ReadViberLog,
  concurrentCalls: number,
): Promise<(ReadResult | Error)[]> {
  const results = new Array<ReadResult | Error>(requestIds.length);
  let next = 0;

  async function work(): Promise<void> {
    while (next < requestIds.length) {
      const index = next++;
      try {
        results[index] = await read(requestIds[index] as string);
      } catch (error) {
        results[index] = asError(error);
      }
    }
  }

  const workers = Math.min(concurrentCalls, requestIds.length);
  await Promise.all(Array.from({ length: workers }, work));
  return results;
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error('A value that is not an Error was thrown.');
}
