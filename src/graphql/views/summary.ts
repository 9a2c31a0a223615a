/**
 * The figures of a log, of all its messages or of those that match a filter: ViberLogSummary of the schema. One walk over the rows, and
 * no object for each.
 */
import { largestInt } from '../../d7/log/json-tokens.ts';
import type { ViberLog } from '../../d7/log/log-scanner.ts';
import type { RowCursor } from '../../d7/log/message-list.ts';
import type { Row } from '../../d7/log/message-row.ts';
import { isFinalStatus, statuses } from '../../d7/log/status.ts';
import { sliceRows } from '../response/time-slices.ts';
import { Computation } from './computation.ts';
import { CostSum } from './cost-sum.ts';
import { keyOf, type Matcher, type MessageFilter, matcherOf } from './message-filter.ts';
import { forgetView, sharedView } from './shared-views.ts';

export type MessageFigures = {
  messages: number;
  delivered: number;
  sent: number;
  undelivered: number;
  unknown: number;
  deliveryRate: number | null;
  parts: number;
  totalCost: number;
  messagesWithoutCost: number;
};

export type CountrySummary = MessageFigures & { country: string | null };

export type LogSummary = MessageFigures & {
  final: boolean;
  progress: number;
  byCountry: readonly CountrySummary[];
};

/** There are some 250 countries. A summary with many more is that of a broken log, and is not kept. */
const mostCountriesKept = 500;

/** By the index in `statuses`. */
const isOpen = statuses.map((status) => !isFinalStatus(status));

export function summaryOf(log: ViberLog, filter: MessageFilter | null | undefined): Computation<LogSummary> {
  return sharedView(log.messages, `summary ${keyOf(filter)}`, () => new Summary(log, filter));
}

class Summary extends Computation<LogSummary> {
  readonly #log: ViberLog;
  readonly #matcher: Matcher | null;
  readonly #rows: RowCursor;
  readonly #byCountry = new Map<string | null, Tally>();
  /** Of the messages that meet every condition but that on the status, which they may still come to meet. */
  #hasOpen = false;

  constructor(log: ViberLog, filter: MessageFilter | null | undefined) {
    super(log.messages.count);
    this.#log = log;
    this.#matcher = matcherOf(filter);
    this.#rows = log.messages.rows();
  }

  protected computeSlice(): { value: LogSummary } | undefined {
    const rows = this.#rows;
    for (let visited = 0; visited < sliceRows; visited += 1) {
      if (!rows.next()) return { value: this.#summary() };
      this.#add(rows.row);
    }
    return undefined;
  }

  #add(row: Row): void {
    const matcher = this.#matcher;
    if (matcher !== null && !matcher.others(row)) return;
    const status = row.statusIndex();
    if (isOpen[status]) this.#hasOpen = true;
    if (matcher !== null && !matcher.status(row)) return;
    this.#tallyOf(row.text('country')).add(row, status);
  }

  #tallyOf(country: string | null): Tally {
    let tally = this.#byCountry.get(country);
    if (tally === undefined) {
      tally = new Tally();
      this.#byCountry.set(country, tally);
    }
    return tally;
  }

  #summary(): LogSummary {
    if (this.#byCountry.size > mostCountriesKept) forgetView(this.#log.messages, this);
    const all = new Tally();
    for (const tally of this.#byCountry.values()) all.addAll(tally);
    const figures = all.figures();
    const final = this.#isComplete() && !this.#hasOpen;
    return { ...figures, final, progress: this.#progressOf(figures, final), byCountry: this.#countries() };
  }

  /** Whether D7 lists a message for each recipient: see freshness.ts. */
  #isComplete(): boolean {
    const { totalRecipients, messages } = this.#log;
    return messages.count > 0 && totalRecipients !== null && messages.count >= totalRecipients;
  }

  #progressOf({ messages, delivered, undelivered }: MessageFigures, final: boolean): number {
    const recipients = this.#matcher === null ? Math.max(this.#log.totalRecipients ?? 0, messages) : messages;
    if (recipients === 0) return final ? 1 : 0;
    return (delivered + undelivered) / recipients;
  }

  #countries(): CountrySummary[] {
    return [...this.#byCountry]
      .sort(([one], [other]) => byCode(one, other))
      .map(([country, tally]) => ({ country, ...tally.figures() }));
  }
}

class Tally {
  readonly #byStatus = statuses.map(() => 0);
  readonly #cost = new CostSum();
  #withoutCost = 0;
  #parts = 0;

  /** @param status its index in `statuses`. */
  add(row: Row, status: number): void {
    this.#byStatus[status] = (this.#byStatus[status] as number) + 1;
    this.#parts += row.count('numberOfViberMessage') ?? 0;
    const start = row.startOf('viberCost');
    if (start === null) this.#withoutCost += 1;
    else this.#cost.add(row.bytes, start, row.endOf('viberCost'));
  }

  addAll(other: Tally): void {
    for (let status = 0; status < statuses.length; status += 1) {
      this.#byStatus[status] = (this.#byStatus[status] as number) + (other.#byStatus[status] as number);
    }
    this.#cost.addAll(other.#cost);
    this.#withoutCost += other.#withoutCost;
    this.#parts += other.#parts;
  }

  figures(): MessageFigures {
    const [delivered = 0, sent = 0, undelivered = 0, unknown = 0] = this.#byStatus;
    const decided = delivered + undelivered;
    return {
      messages: decided + sent + unknown,
      delivered,
      sent,
      undelivered,
      unknown,
      deliveryRate: decided === 0 ? null : delivered / decided,
      parts: Math.min(this.#parts, largestInt),
      totalCost: this.#cost.total(),
      messagesWithoutCost: this.#withoutCost,
    };
  }
}

/** By code unit, which no locale changes; null is last. */
function byCode(one: string | null, other: string | null): number {
  if (one === null || other === null) return Number(one === null) - Number(other === null);
  return one < other ? -1 : Number(one > other);
}
