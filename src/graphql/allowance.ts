/**
 * So many in each second, and no more: for what is worth doing, but not as often as strangers can ask for it.
 */
export function createAllowance(perSecond: number, nowMs: () => number): () => boolean {
  let startedMs = Number.NEGATIVE_INFINITY;
  let left = 0;
  return () => {
    const now = nowMs();
    if (now - startedMs >= 1000) {
      startedMs = now;
      left = perSecond;
    }
    left -= 1;
    return left >= 0;
  };
}
