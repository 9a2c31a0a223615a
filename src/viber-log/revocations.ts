/**
 * The callers whom D7 has rejected and whose epoch Redis has not confirmed to have deleted. Until it has, this process uses Redis for
 * none of them, and goes on trying.
 *
 * What is older than the longest time for which anything is kept has expired by itself, and so does a revocation. They are bounded:
 * when more are pending, Redis is used for nobody until that time has passed.
 */

export type RevocationsConfig = {
  /** The longest time for which any reading is kept. */
  longestKeptMs: number;
  maxPendingRevocations: number;
};

export type Revocations = {
  add: (callerKey: string) => void;
  isPending: (callerKey: string) => boolean;
  close: () => void;
};

/** Whether Redis has confirmed them all. */
type Send = (callerKeys: readonly string[]) => Promise<boolean>;

const retryMs = 100;
/** One command at a time with this many of them: a burst of rejections must not fill the queue of commands. */
const maxPerCommand = 500;

export function createRevocations(config: RevocationsConfig, send: Send): Revocations {
  const { longestKeptMs, maxPendingRevocations } = config;
  /** When each was rejected, the oldest first. */
  const pending = new Map<string, number>();
  let pausedUntilMs = Number.NEGATIVE_INFINITY;
  let isSending = false;
  let isClosed = false;
  let retry: NodeJS.Timeout | undefined;

  function add(callerKey: string): void {
    const nowMs = performance.now();
    pending.delete(callerKey);
    if (pending.size < maxPendingRevocations) pending.set(callerKey, nowMs);
    else pausedUntilMs = nowMs + longestKeptMs;
    void sendAll();
  }

  function isPending(callerKey: string): boolean {
    if (performance.now() < pausedUntilMs) return true;
    const sinceMs = pending.get(callerKey);
    return sinceMs !== undefined && performance.now() - sinceMs < longestKeptMs;
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
    // One that was rejected again meanwhile is sent again.
    if (wasConfirmed) for (const [key, sinceMs] of sent) if (pending.get(key) === sinceMs) pending.delete(key);
    return wasConfirmed;
  }

  function dropExpired(): void {
    const nowMs = performance.now();
    for (const [callerKey, sinceMs] of pending) {
      if (nowMs - sinceMs < longestKeptMs) return;
      pending.delete(callerKey);
    }
  }

  function close(): void {
    isClosed = true;
    clearTimeout(retry);
  }

  return { add, isPending, close };
}
