/**
 * Leaves out the events of a subscription that would repeat the one before: the log has changed, but nothing that the subscription selects.
 *
 * `fetchedAt` does not count: it differs with each read. A subscription that selects the whole list of messages gets each change of the
 * log without a comparison, since nearly every change of a log is one of its messages.
 */
import { createHash } from 'node:crypto';
import type { GraphQLResolveInfo } from 'graphql';
import type { LogResult, NoSuchLogResult } from '../d7/read-result.ts';
import type { LiveUpdate } from '../viber-log/live-log.ts';
import type { OperationContext } from './context.ts';
import type { Selected, Selection } from './field-kinds.ts';
import { fields } from './fields.ts';
import { JsonWriter } from './response/json-writer.ts';
import { type ComputedValues, nothingComputed, objectWriterOf } from './response/object-writer.ts';
import { yieldToEventLoop } from './response/time-slices.ts';
import { computedFieldsIn, createSelector } from './selection.ts';
import { settled } from './views/settled.ts';

/** Equal for two updates that make the same event, `fetchedAt` aside; null for one that is always sent. */
type Fingerprint = (update: LiveUpdate) => Promise<string | null>;

export function withoutRepetitions(
  updates: AsyncIterableIterator<LiveUpdate>,
  context: OperationContext,
  info: GraphQLResolveInfo,
): AsyncIterableIterator<LiveUpdate> {
  const fingerprintOf = createFingerprint(context, info);
  if (fingerprintOf === null) return updates;
  let last: string | null = null;

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
function createFingerprint(context: OperationContext, info: GraphQLResolveInfo): Fingerprint | null {
  const { schema, fragments, variableValues, fieldNodes } = info;
  const selectionOf = createSelector(schema, fragments, variableValues);
  const viberLog = selectionOf('ViberLog', fieldNodes)?.filter(isComparable);
  const notFound = selectionOf('NotFound', fieldNodes);
  if (!viberLog || !notFound || viberLog.some(isWholeList)) return null;
  const writeLog = objectWriterOf<LogResult>(viberLog);
  const writeNotFound = objectWriterOf<NoSuchLogResult>(notFound);

  return async (update) => {
    if (update instanceof Error) return null;
    const out = new JsonWriter();
    const hash = createHash('sha1');
    if (update.kind === 'noSuchLog') {
      writeNotFound.atOnce(out, update, nothingComputed);
    } else {
      const computed = await computedFor(update, viberLog, context);
      if (computed === null) return null;
      // Nothing but the hash is kept of a long list, and others have their turn between two slices.
      for (const _slice of writeLog.inSteps(out, update, computed)) {
        hash.update(out.take());
        out.begin();
        await yieldToEventLoop(context.response);
      }
    }
    return `${update.kind} ${hash.update(out.take()).digest('base64')}`;
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
