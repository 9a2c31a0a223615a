/** How far a run is, on standard error. */
export type Progress = { step: (told: string) => void };

export function startProgress(steps: number): Progress {
  const startedMs = performance.now();
  let done = 0;

  function step(told: string): void {
    done += 1;
    const tookMs = performance.now() - startedMs;
    const leftMs = (tookMs / done) * (steps - done);
    console.error(`${done} of ${steps}, ${clockOf(tookMs)} gone, some ${clockOf(leftMs)} left: ${told}`);
  }

  return { step };
}

function clockOf(ms: number): string {
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
