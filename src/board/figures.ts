/** The figures of a log and of several logs, and how one state of them differs from the state before. */
import { decimalSum } from './decimal.ts';
import type { FollowLogSubscription } from './generated/graphql.ts';

export type LogEvent = NonNullable<FollowLogSubscription['viberLog']>;
export type LogData = Extract<LogEvent, { __typename: 'ViberLog' }>;
export type Summary = LogData['summary'];

/** In the order of the bar. */
export const statuses = ['delivered', 'sent', 'undelivered', 'unknown'] as const;
export type Status = (typeof statuses)[number];

export type Counts = Record<Status, number>;

export type Figures = Counts & {
  /** Recipients, or messages if these are more. */
  expected: number;
  listed: number;
  deliveryRate: number | null;
  parts: number;
  cost: string;
  withoutCost: number;
};

export function figuresOf({ summary, totalRecipients }: LogData): Figures {
  const { messages, delivered, sent, undelivered, unknown, deliveryRate, parts, totalCost, messagesWithoutCost } =
    summary;
  return {
    delivered,
    sent,
    undelivered,
    unknown,
    expected: Math.max(totalRecipients ?? 0, messages),
    listed: messages,
    deliveryRate,
    parts,
    cost: decimalSum([totalCost]),
    withoutCost: messagesWithoutCost,
  };
}

export function totalOf(logs: readonly LogData[]): Figures {
  const each = logs.map(figuresOf);
  const sum = (read: (figures: Figures) => number) => each.reduce((total, figures) => total + read(figures), 0);
  const delivered = sum((one) => one.delivered);
  const undelivered = sum((one) => one.undelivered);
  return {
    delivered,
    sent: sum((one) => one.sent),
    undelivered,
    unknown: sum((one) => one.unknown),
    expected: sum((one) => one.expected),
    listed: sum((one) => one.listed),
    deliveryRate: delivered + undelivered === 0 ? null : delivered / (delivered + undelivered),
    parts: sum((one) => one.parts),
    cost: decimalSum(logs.map(({ summary }) => summary.totalCost)),
    withoutCost: sum((one) => one.withoutCost),
  };
}

export type Delta = Counts & { listed: number };

export function deltaOf(before: LogData, after: LogData): Delta {
  const old = figuresOf(before);
  const now = figuresOf(after);
  return {
    delivered: now.delivered - old.delivered,
    sent: now.sent - old.sent,
    undelivered: now.undelivered - old.undelivered,
    unknown: now.unknown - old.unknown,
    listed: now.listed - old.listed,
  };
}

/**
 * How many final statuses D7 has taken back, at least, in which countries. The figures are compared by country, since a receipt in one would
 * otherwise hide a loss in another.
 */
export function takenBack(before: LogData, after: LogData): { messages: number; countries: (string | null)[] } {
  const now = new Map(after.summary.byCountry.map((one) => [one.country, one]));
  const losses = before.summary.byCountry
    .map(({ country, delivered, undelivered }) => {
      const next = now.get(country);
      const lost =
        Math.max(0, delivered - (next?.delivered ?? 0)) + Math.max(0, undelivered - (next?.undelivered ?? 0));
      return { country, lost };
    })
    .filter(({ lost }) => lost > 0);
  return { messages: losses.reduce((sum, { lost }) => sum + lost, 0), countries: losses.map(({ country }) => country) };
}
