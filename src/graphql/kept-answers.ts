/**
 * The bytes of answers, kept with the readings that they were made of: who asks the same again, with the same token, is answered
 * with them as long as each of those readings is still what a read would give.
 *
 * So an answer is never older than its readings, goes when they go, and is shared with nobody who would not share them.
 */
import { LRUCache } from 'lru-cache';
import type { Reading } from '../d7/reading.ts';
import type { CallerReads } from '../viber-log/shared-reads.ts';
import type { Bytes } from './json-writer.ts';

export type KeptAnswers = {
  /** @param question stands for the query and its variables, and for no others. */
  find: (question: string, reads: CallerReads) => Bytes | undefined;
  /** An answer of which one reading is not kept is not kept either. */
  keep: (question: string, reads: CallerReads, body: Bytes, readings: ReadonlyMap<string, Reading>) => void;
};

type KeptAnswer = { body: Bytes; readings: ReadonlyMap<string, Reading> };

export function createKeptAnswers(maxBytes: number): KeptAnswers {
  const answers = new LRUCache<string, KeptAnswer>({
    maxSize: maxBytes,
    sizeCalculation: ({ body }, key) => body.length + key.length + 512,
  });

  return {
    find(question, reads) {
      const answer = answers.get(keyOf(question, reads));
      return answer && areStill(answer.readings, reads) ? answer.body : undefined;
    },
    keep(question, reads, body, readings) {
      if (readings.size > 0 && areStill(readings, reads)) answers.set(keyOf(question, reads), { body, readings });
    },
  };
}

function areStill(readings: ReadonlyMap<string, Reading>, reads: CallerReads): boolean {
  for (const [requestId, reading] of readings) if (reads.kept(requestId) !== reading) return false;
  return true;
}

function keyOf(question: string, { callerKey }: CallerReads): string {
  return `${callerKey}\n${question}`;
}
