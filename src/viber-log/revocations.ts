/**
 * Pending revocations: callers whom D7 has rejected, until Redis confirms that their epoch is deleted. Until then this process does not
 * use Redis for these callers, and retries.
 *
 * After the maximum retention time all earlier results have expired, and the revocation has no purpose any more. The number of pending
 * revocations is limited: beyond the limit, this process uses Redis for no caller until that time is over.
 */

export type RevocationsConfig = {
  /** No result stays in Redis for longer than this. */
  maxRetentionMs: number;
  maxPendingRevocations: number;
};

export type Revocations = {
  add: (callerKey: string) => void;
  isPending: (callerKey: string) => boolean;
  close: () => void;
};

/** Resolves to whether Redis has confirmed all of them. */
type Send = (callerKeys: readonly string[]) => Promise<boolean>;

const retryMs = 100;
/** One command is in flight at a time: a burst of rejections must not fill the command queue. */
const maxPerCommand = 500;

export function createRevocations(config: RevocationsConfig, send: Send): Revocations {
  const { maxRetentionMs, maxPendingRevocations } = config;
  /** When each caller was rejected, the oldest first. */
  const pending = new Map<string, number>();
  let pausedUntilMs = Number.NEGATIVE_INFINITY;
  let isSending = false;
  let isClosed = false;
  let retry: NodeJS.Timeout | undefined;

  function add(callerKey: string): void {
    const nowMs = performance.now();
    pending.delete(callerKey);
    if (pending.size < maxPendingRevocations) pending.set(callerKey, nowMs);
    else pausedUntilMs = nowMs + maxRetentionMs;
    void sendAll();
  }

  function isPending(callerKey: string): boolean {
    if (performance.now() < pausedUntilMs) return true;
    const sinceMs = pending.get(callerKey);
    return sinceMs !== undefined && performance.now() - sinceMs < maxRetentionMs;
  }

  async function sendAll(): Promise<void> {
    if (isSending) return;
    isSending = true;
    clearTimeout(retry);
    dropExpired();
    while (pending.size > 0 && (await sendSome()));
    isSending = false;
    if (pending.size > 0 && !isClosed) retry = setTimeout(() => void sendAll(), retryMs).unref();
  }

  async function sendSome(): Promise<boolean> {
    const sent = [...pending.entries().take(maxPerCommand)];
    const wasConfirmed = await send(sent.map(([callerKey]) => callerKey));
    // A caller that was rejected again meanwhile stays pending.
    if (wasConfirmed) for (const [key, sinceMs] of sent) if (pending.get(key) === sinceMs) pending.delete(key);
    return wasConfirmed;
  }

  function dropExpired(): void {
    const nowMs = performance.now();
    for (const [callerKey, sinceMs] of pending) {
      if (nowMs - sinceMs < maxRetentionMs) return;
      pending.delete(callerKey);
    }
  }

  function close(): void {
    isClosed = true;
    clearTimeout(retry);
  }

  return { add, isPending, close };
}
