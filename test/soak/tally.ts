/** What the clients of a soak have seen, and when D7 was broken: then its failures are the right response. */
export type Window = { fromMs: number; toMs: number };

const mostExamples = 20;
/** After D7 is well again, a circuit may still be open, and the limit of calls in flight low. */
const graceMs = 5000;
const codesOfOutage = ['UPSTREAM_UNAVAILABLE', 'UPSTREAM_TIMEOUT', 'OVERLOADED'];

export class Tally {
  readonly counts: Record<string, number> = {};
  readonly wrong: string[] = [];
  readonly lost: string[] = [];
  readonly #outages: Window[] = [];

  count(name: string, by = 1): void {
    this.counts[name] = (this.counts[name] ?? 0) + by;
  }

  /** A response that is not what D7 says, or an error without a reason. */
  addWrong(example: string): void {
    this.count('wrong');
    if (this.wrong.length < mostExamples) this.wrong.push(example);
  }

  /** A request without a response of the gateway. */
  addLost(example: string): void {
    this.count('lost');
    if (this.lost.length < mostExamples) this.lost.push(example);
  }

  beginOutage(): void {
    this.#outages.push({ fromMs: performance.now(), toMs: Number.POSITIVE_INFINITY });
  }

  endOutage(): void {
    const last = this.#outages.at(-1);
    if (last) last.toMs = performance.now() + graceMs;
  }

  /** Whether D7 explains this code of a request that was sent at that time. */
  isExplained(code: string, sentMs: number): boolean {
    const nowMs = performance.now();
    return codesOfOutage.includes(code) && this.#outages.some(({ fromMs, toMs }) => sentMs < toMs && nowMs > fromMs);
  }
}
