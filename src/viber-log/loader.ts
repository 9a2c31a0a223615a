/**
 * The DataLoader of one operation: it reads each distinct request id once, however often the query contains it.
 *
 * D7 has no bulk call. So a batch is a fan-out with limited concurrency, and each id has its own failure.
 */
import DataLoader from 'dataloader';
import type { ReadResult } from '../d7/read-result.ts';

export type ViberLogLoader = DataLoader<string, ReadResult>;

export type ReadViberLog = (requestId: string) => Promise<ReadResult>;

/** Calls the function when the batch is to begin. */
export type ScheduleBatch = (begin: () => void) => void;

/**
 * @param accept returns each result that was read, or throws the failure in its place.
 * @param schedule without it a batch begins once no promise is left that could add an id.
 */
export function createViberLogLoader(
  read: ReadViberLog,
  accept: (result: ReadResult) => ReadResult,
  concurrentCalls: number,
  schedule?: ScheduleBatch,
): ViberLogLoader {
  const readBatch = (requestIds: readonly string[]) => readEach(requestIds, read, accept, concurrentCalls);
  return new DataLoader(readBatch, schedule && { batchScheduleFn: schedule });
}

/** DataLoader takes the failure of one id as an Error among the results: a rejected batch would fail every id. */
async function readEach(
  requestIds: readonly string[],
  read: ReadViberLog,
  accept: (result: ReadResult) => ReadResult,
  concurrentCalls: number,
): Promise<(ReadResult | Error)[]> {
  const results = new Array<ReadResult | Error>(requestIds.length);
  let next = 0;

  async function work(): Promise<void> {
    while (next < requestIds.length) {
      const index = next++;
      try {
        results[index] = accept(await read(requestIds[index] as string));
      } catch (error) {
        results[index] = asError(error);
      }
    }
  }

  // The usual query has one id: it takes none of the promises of a fan-out.
  if (requestIds.length === 1) await work();
  else await fanOut(work, Math.min(concurrentCalls, requestIds.length));
  return results;
}

async function fanOut(work: () => Promise<void>, workers: number): Promise<void> {
  await Promise.all(Array.from({ length: workers }, work));
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error('A value that is not an Error was thrown.');
}
