/**
 * Computes a view for one operation: in slices, within the number of rows that the operation may visit.
 */
import type { OperationContext } from '../context.ts';
import { publicError } from '../errors.ts';
import type { PendingResponse } from '../response/pending-response.ts';
import { yieldToEventLoop } from '../response/time-slices.ts';
import { Computation, type Computed } from './computation.ts';

/** A small log needs no turn of the event loop. @throws GraphQLError */
export function settled<Value>(
  computed: Computed<Value>,
  { response, rowBudget }: Pick<OperationContext, 'response' | 'rowBudget'>,
): Value | Promise<Value> {
  if (!(computed instanceof Computation)) return computed;
  if (!computed.isDone) rowBudget.take(computed.rowCount);
  return computed.advance() ? computed.value : advanceInSlices(computed, response);
}

async function advanceInSlices<Value>(computation: Computation<Value>, response: PendingResponse): Promise<Value> {
  do {
    await yieldToEventLoop(response);
    // The client has disconnected: no one reads this error.
    if (response.hasEnded) throw publicError('unavailable');
  } while (!computation.advance());
  return computation.value;
}
