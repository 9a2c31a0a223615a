/**
 * What is different for a process that npm started: it gets some signals twice, and it is to end with npm, however that ends.
 *
 * npm hands SIGINT and SIGTERM on to the process of its script (@npmcli/run-script, signal-manager.js). A terminal's Ctrl-C, and a
 * service manager that signals a group, reach this process as well. And who kills npm means the gateway.
 */

export const forwardedSignals = ['SIGINT', 'SIGTERM'] as const;

/** What comes so soon after the first signal is the same one, and not another wish of the operator. */
const doubledWithinMs = 500;
const lookEveryMs = 500;

/** @param stop called once, with the signal or with what else happened. */
export function stopWithNpm(stop: (reason: string) => void): void {
  const npm = process.ppid;
  let stoppedMs: number | undefined;

  function stopOnce(reason: string): void {
    if (stoppedMs !== undefined) return;
    stoppedMs = performance.now();
    clearInterval(looking);
    stop(reason);
  }

  const looking = setInterval(() => {
    if (process.ppid !== npm) stopOnce('npm ended');
  }, lookEveryMs).unref();

  for (const signal of forwardedSignals) {
    process.on(signal, () => {
      if (stoppedMs !== undefined && performance.now() - stoppedMs > doubledWithinMs) process.exit(1);
      stopOnce(signal);
    });
  }
}
