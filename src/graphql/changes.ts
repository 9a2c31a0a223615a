/**
 * Leaves out the events of a subscription that would repeat the one before: the log has changed, but nothing that the subscription selects.
 *
 * `fetchedAt` does not count: it differs with each read. A subscription that selects the whole list of messages gets each change of the
 * log without a comparison, since nearly every change of a log is one of its messages.
 */
import { createHash } from 'node:crypto';
import type { GraphQLResolveInfo } from 'graphql';
import type { LogResult, NoSuchLogResult, ReadResult } from '../d7/read-result.ts';
import type { LiveStream, LiveUpdate } from '../viber-log/live-log.ts';
import type { OperationContext } from './context.ts';
import type { Selected, Selection } from './field-kinds.ts';
import { fields } from './fields.ts';
import { JsonWriter } from './response/json-writer.ts';
import { type ComputedValues, nothingComputed, objectWriterOf } from './response/object-writer.ts';
import type { PendingResponse } from './response/pending-response.ts';
import { yieldToEventLoop } from './response/time-slices.ts';
import { computedFieldsIn, createSelector } from './selection.ts';
import { settled } from './views/settled.ts';

/** Equal for two results that make the same event, `fetchedAt` aside. At once where that is little work. */
export type Fingerprint = (
  result: ReadResult,
  computed: ComputedValues,
  response: PendingResponse,
) => string | Promise<string>;

export function withoutRepetitions(
  updates: LiveStream,
  context: OperationContext,
  info: GraphQLResolveInfo,
): AsyncIterableIterator<LiveUpdate> {
  const fingerprintOf = fingerprinterOf(context, info);
  let last: string | null = null;
  context.operation.repeatEvent = () => {
    last = null;
    updates.repeat();
  };
  if (fingerprintOf === null) return updates;

  // No async generator: one that waits for the next update cannot be ended before it.
  return {
    async next() {
      for (;;) {
        const next = await updates.next();
        if (next.done) return next;
        const fingerprint = await fingerprintOf(next.value);
        if (fingerprint !== null && fingerprint === last) continue;
        last = fingerprint;
        return next;
      }
    },
    return: async () => (await updates.return?.()) ?? { done: true, value: undefined },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** Null where every change is sent. */
function fingerprinterOf(
  context: OperationContext,
  { schema, fragments, variableValues, fieldNodes }: GraphQLResolveInfo,
) {
  const selectionOf = createSelector(schema, fragments, variableValues);
  const viberLog = selectionOf('ViberLog', fieldNodes)?.filter(isComparable);
  const notFound = selectionOf('NotFound', fieldNodes);
  const fingerprintOf = viberLog && notFound && createFingerprint(viberLog, notFound);
  if (!fingerprintOf) return null;

  /** Null for an update that is always sent. */
  return async (update: LiveUpdate): Promise<string | null> => {
    if (update instanceof Error) return null;
    const computed = update.kind === 'log' ? await computedFor(update, viberLog, context) : nothingComputed;
    return computed && fingerprintOf(update, computed, context.response);
  };
}

/** Null where every change is sent. */
export function createFingerprint(
  viberLog: Selection<LogResult>,
  notFound: Selection<NoSuchLogResult>,
): Fingerprint | null {
  if (viberLog.some(isWholeList)) return null;
  const writeLog = objectWriterOf<LogResult>(viberLog.filter(isComparable));
  const writeNotFound = objectWriterOf<NoSuchLogResult>(notFound);

  return (result, computed, response) => {
    const out = new JsonWriter();
    const hash = createHash('sha1');
    const finish = () => `${result.kind} ${hash.update(out.take()).digest('base64')}`;
    if (result.kind === 'noSuchLog') {
      writeNotFound.atOnce(out, result, nothingComputed);
      return finish();
    }
    const steps = writeLog.inSteps(out, result, computed);
    return steps.next().done ? finish() : goOn();

    /** Nothing but the hash is kept of a long list, and others have their turn between two slices. */
    async function goOn(): Promise<string> {
      do {
        hash.update(out.take());
        out.begin();
        await yieldToEventLoop(response);
      } while (!steps.next().done);
      return finish();
    }
  };
}

/** Null where a field fails: the event then says so. */
async function computedFor(
  result: LogResult,
  selection: Selection<LogResult>,
  context: OperationContext,
): Promise<ComputedValues | null> {
  const values = new Map<Selected<never>, unknown>();
  try {
    for (const selected of computedFieldsIn(selection)) {
      values.set(selected, await settled<unknown>(selected.read(result), context));
    }
    return values;
  } catch {
    return null;
  } finally {
    context.rowBudget.reset();
  }
}

function isComparable(selected: Selected<LogResult>): boolean {
  return selected.kind !== 'leaf' || selected.read !== fields.ViberLog.fetchedAt.read;
}

function isWholeList(selected: Selected<LogResult>): boolean {
  return selected.kind === 'messages' && !selected.isComputed;
}
