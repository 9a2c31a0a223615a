/** What Linux tells of a process: the time it took, its threads included, and its memory. */
import { readFileSync } from 'node:fs';

/** Linux counts a process's time in hundredths of a second. */
const msPerTick = 10;

export function cpuMsOf(pid: number): number {
  const [user = 0, system = 0] = timesOf(pid);
  return user + system;
}

/** Of those that have ended and that it has waited for. */
export function cpuMsOfEndedChildren(pid: number): number {
  const [, , user = 0, system = 0] = timesOf(pid);
  return user + system;
}

function timesOf(pid: number): number[] {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return fields.slice(11, 15).map((ticks) => Number(ticks) * msPerTick);
}

/** What it holds now, and the most that it ever held. */
export function memoryMbOf(pid: number): { nowMb: number; peakMb: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mb = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]) / 1024;
  return { nowMb: mb('VmRSS'), peakMb: mb('VmHWM') };
}
