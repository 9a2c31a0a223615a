/**
 * How a root field reads: from its arguments to a read of the operation's loader, or to a subscription.
 */
import type { ReadResult } from '../d7/read-result.ts';
import type { LiveStream, LiveUpdate } from '../viber-log/live-log.ts';
import type { OperationContext } from './context.ts';
import { publicError, publicErrorFor } from './errors.ts';
import { parseRequestId } from './request-id.ts';

export function readViberLogs(requestIds: readonly string[], context: OperationContext): Promise<ReadResult>[] {
  expectReadable(requestIds, context);
  return requestIds.map((requestId) => readViberLog(requestId, context));
}

/** What fails a whole list, and not an item of it. @throws GraphQLError */
export function expectReadable(requestIds: readonly string[], context: OperationContext): void {
  context.viberLogs();
  const { maxRequestIds } = context.limits;
  if (requestIds.length > maxRequestIds) throw publicError('tooManyRequestIds', { limit: maxRequestIds });
}

/** Async, so that what is wrong with one id of a list rejects that item and not the list. @throws GraphQLError */
export async function readViberLog(input: string, context: OperationContext): Promise<ReadResult> {
  try {
    return await context.viberLogs().load(parseRequestId(input));
  } catch (error) {
    throw publicErrorFor(error);
  }
}

/** @throws GraphQLError */
export function followViberLog(input: string, context: OperationContext): LiveStream {
  const liveViberLogs = context.liveViberLogs();
  const requestId = parseRequestId(input);
  try {
    return liveViberLogs.subscribe(requestId);
  } catch (error) {
    throw publicErrorFor(error);
  }
}

/** A failure is the last event, and not the end of the stream: so every transport can report it. @throws GraphQLError */
export function resultOfUpdate(update: LiveUpdate, context: OperationContext): ReadResult {
  const { response, rowBudget, onAccepted } = context;
  // Those of the event before it.
  response.rows.clear();
  rowBudget.reset();
  if (update instanceof Error) throw publicErrorFor(update);
  onAccepted();
  return update;
}
