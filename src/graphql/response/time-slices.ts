/**
 * Long work in short slices: one slice for each turn of the event loop, for all work together, so that a small operation beside any
 * number of large ones waits for one slice and not for all. Those who wait are served round robin, one slice each.
 */

/** After so many bytes or rows a slice ends: about a millisecond of work. */
export const sliceBytes = 64 * 1024;
export const sliceRows = 512;

const waiting = new Map<object, (() => void)[]>();

/** @param worker for whom the slice is: several that wait for one worker count as one. */
export function yieldToEventLoop(worker: object): Promise<void> {
  return new Promise((resolve) => {
    if (waiting.size === 0) setImmediate(serve);
    const slices = waiting.get(worker);
    if (slices) slices.push(resolve);
    else waiting.set(worker, [resolve]);
  });
}

function serve(): void {
  const [first] = waiting;
  if (!first) return;
  const [worker, slices] = first;
  const begin = slices.shift();
  waiting.delete(worker);
  if (slices.length > 0) waiting.set(worker, slices);
  if (waiting.size > 0) setImmediate(serve);
  begin?.();
}
