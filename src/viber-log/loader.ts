/**
 * The loader of one operation: each distinct request id is read once, however often the query asks for it.
 *
 * D7 has no call for several ids, so a batch is a fan-out with a bound, and every id keeps its own failure.
 */
import DataLoader from 'dataloader';
import type { ReadResult } from '../d7/read-result.ts';

export type ViberLogLoader = DataLoader<string, ReadResult>;

export type ReadViberLog = (requestId: string) => Promise<ReadResult>;

export function createViberLogLoader(read: ReadViberLog, concurrentCalls: number): ViberLogLoader {
  return new DataLoader((requestIds) => readEach(requestIds, read, concurrentCalls));
}

/**
 * As many readers as may be under way at once take the ids in turn.
 *
 * A failure is put in its id's place as a value, as DataLoader wants it: a rejected batch would fail every id with it.
 */
async function readEach(
  requestIds: readonly string[],
  read: ReadViberLog,
  concurrentCalls: number,
): Promise<(ReadResult | Error)[]> {
  const results = new Array<ReadResult | Error>(requestIds.length);
  let next = 0;

  async function takeTurns(): Promise<void> {
    while (next < requestIds.length) {
      const index = next++;
      try {
        results[index] = await read(requestIds[index] as string);
      } catch (error) {
        results[index] = asError(error);
      }
    }
  }

  const readers = Math.min(concurrentCalls, requestIds.length);
  await Promise.all(Array.from({ length: readers }, takeTurns));
  return results;
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error('something that is no Error was thrown');
}
