/**
 * An open loop: questions on a schedule that waits for nobody. A latency counts from the moment when the question was due, so
 * that a server that stalls is charged for everybody who would have asked meanwhile (no coordinated omission).
 */
import { type Client, openClient } from './client.ts';
import { type Measured, percentilesOf } from './load.ts';

export type OpenLoad = { port: number; perSecond: number; seconds: number; bodyOf: (index: number) => string };

export type MeasuredOpen = Measured & {
  /** How late the questions themselves were: what the instrument adds. */
  latenessP99Ms: number;
};

const connections = 128;
const patienceSeconds = 20;

export async function runOpenLoop({ port, perSecond, seconds, bodyOf }: OpenLoad): Promise<MeasuredOpen> {
  const total = Math.round(perSecond * seconds);
  const idle = await Promise.all(Array.from({ length: connections }, () => openClient(port)));
  const clients = [...idle];
  const latenciesMs: number[] = [];
  const latenessMs: number[] = [];
  const startedMs = performance.now();
  const dueMs = (index: number) => startedMs + (index / perSecond) * 1000;
  const ended = Promise.withResolvers<void>();
  let sent = 0;
  const failures: string[] = [];

  function sendDue(): void {
    while (sent < total && dueMs(sent) <= performance.now()) {
      // In turn: a server closes connections that were idle for some seconds.
      const client = idle.shift();
      if (client === undefined) return;
      void askOnce(client, sent++);
    }
  }

  async function askOnce(client: Client, index: number): Promise<void> {
    latenessMs.push(performance.now() - dueMs(index));
    const { isGood, text } = await client.ask(bodyOf(index));
    latenciesMs.push(performance.now() - dueMs(index));
    if (!isGood) failures.push(text);
    idle.push(client);
    if (latenciesMs.length === total) ended.resolve();
    else sendDue();
  }

  // A timer of a millisecond is late by as much as that; each answer that comes looks at the schedule, too.
  const timer = setInterval(sendDue, 1);
  const patience = setTimeout(ended.resolve, (seconds + patienceSeconds) * 1000);
  await ended.promise;
  clearInterval(timer);
  clearTimeout(patience);
  const unanswered = Array.from({ length: total - latenciesMs.length }, () => '');
  const measured = {
    requests: total,
    seconds,
    ...percentilesOf(latenciesMs),
    latenessP99Ms: percentilesOf(latenessMs).p99Ms,
    failures: [...failures, ...unanswered],
  };
  for (const client of clients) client.close();
  return measured;
}
