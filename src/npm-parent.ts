/**
 * What is different for a process that npm started: it gets some signals twice, and it is to end with npm, however that ends.
 *
 * npm hands SIGINT and SIGTERM on to the process of its script (@npmcli/run-script, signal-manager.js). A terminal's Ctrl-C, and a
 * service manager that signals a group, reach this process as well. SIGHUP ends npm, and whoever kills npm means the gateway: this
 * process may see that npm has ended before or after its own SIGHUP.
 */
import type { Launcher } from './config.ts';

export const npmSignals = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

export type NpmOptions = {
  launcher: Launcher;
  /** Whether a stop has begun, for whatever reason. */
  isStopping: () => boolean;
  /** Called once at most, with the signal or with what else happened. */
  stop: (reason: string) => void;
};

/** What comes so soon after the first signal is the same one, and not another wish of the operator. */
const doubledWithinMs = 1000;
const lookEveryMs = 250;

export function stopWithNpm({ launcher, isStopping, stop }: NpmOptions): void {
  let stoppedMs = Number.NEGATIVE_INFINITY;
  for (const signal of npmSignals) process.on(signal, () => onSignal(signal));
  watch(launcher, () => stopOnce('npm ended'));

  function onSignal(signal: string): void {
    if (isStopping() && performance.now() - stoppedMs > doubledWithinMs) process.exit(1);
    stopOnce(signal);
  }

  function stopOnce(reason: string): void {
    if (isStopping()) return;
    stoppedMs = performance.now();
    stop(reason);
  }
}

/** npm's id comes from its script: `process.ppid` is another one already, if npm is killed while this process starts. */
function watch({ npmPid, watcherPid }: Launcher, onEnd: () => void): void {
  const looking = setInterval(() => {
    const isOrphan = process.ppid !== (watcherPid ?? npmPid);
    const isWatcherOrphan = !isOrphan && watcherPid !== undefined && hasEnded(npmPid);
    if (!isOrphan && !isWatcherOrphan) return;
    clearInterval(looking);
    onEnd();
    // Node's watcher would wait for the next change for ever.
    if (isWatcherOrphan) process.kill(watcherPid, 'SIGTERM');
  }, lookEveryMs).unref();
}

function hasEnded(pid: number): boolean {
  try {
    return !process.kill(pid, 0);
  } catch {
    return true;
  }
}
