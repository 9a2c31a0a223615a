/**
 * Signals and process end under npm: the gateway receives some signals twice, and must stop when npm ends.
 *
 * npm forwards SIGINT and SIGTERM to the process of its script (@npmcli/run-script, signal-manager.js). A terminal's Ctrl-C, and a
 * service manager that signals the process group, reach this process directly as well. SIGHUP ends npm, and this process may notice
 * that before or after its own SIGHUP.
 */
import type { Launcher } from './config.ts';

export const npmSignals = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

export type NpmOptions = {
  launcher: Launcher;
  /** Whether the gateway is stopping, for whatever reason. */
  isStopping: () => boolean;
  /** Called at most once, with the signal or another reason. */
  stop: (reason: string) => void;
};

/** A signal that arrives so soon after the first is its copy, and not a second signal from the operator. */
const duplicateWithinMs = 1000;
const checkEveryMs = 250;

export function stopWithNpm({ launcher, isStopping, stop }: NpmOptions): void {
  let stoppedMs = Number.NEGATIVE_INFINITY;
  for (const signal of npmSignals) process.on(signal, () => onSignal(signal));
  watch(launcher, () => stopOnce('npm ended'));

  function onSignal(signal: string): void {
    if (isStopping() && performance.now() - stoppedMs > duplicateWithinMs) process.exit(1);
    stopOnce(signal);
  }

  function stopOnce(reason: string): void {
    if (isStopping()) return;
    stoppedMs = performance.now();
    stop(reason);
  }
}

/** The npm script passes npm's process id: `process.ppid` is already another one if npm is killed while this process starts. */
function watch({ npmPid, watcherPid }: Launcher, onEnd: () => void): void {
  const timer = setInterval(() => {
    const isOrphan = process.ppid !== (watcherPid ?? npmPid);
    const isWatcherOrphan = !isOrphan && watcherPid !== undefined && hasEnded(npmPid);
    if (!isOrphan && !isWatcherOrphan) return;
    clearInterval(timer);
    onEnd();
    // Otherwise Node's watcher would run for ever, waiting for the next change.
    if (isWatcherOrphan) process.kill(watcherPid, 'SIGTERM');
  }, checkEveryMs).unref();
}

function hasEnded(pid: number): boolean {
  try {
    return !process.kill(pid, 0);
  } catch {
    return true;
  }
}
