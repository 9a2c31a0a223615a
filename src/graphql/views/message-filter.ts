/**
 * Which messages a caller wants: ViberMessageFilter of the schema, as a test of a row.
 */
import type { Row } from '../../d7/log/message-row.ts';
import type { ViberMessageStatus } from '../../d7/log/status.ts';

/** A condition that is null or absent is met by all messages. */
export type MessageFilter = {
  readonly status?: readonly ViberMessageStatus[] | null;
  readonly country?: readonly string[] | null;
  readonly msgId?: readonly string[] | null;
  readonly recipientContains?: string | null;
};

/** One condition of a filter. */
type Condition = (row: Row) => boolean;

export type Matcher = {
  /** The status meets the filter. */
  status: Condition;
  /** Every other value does. */
  others: Condition;
};

export function hasNoCondition(filter: MessageFilter | null | undefined): boolean {
  return filter == null || Object.values(filter).every((condition) => condition == null);
}

/** Null where the filter has no condition. */
export function matcherOf(filter: MessageFilter | null | undefined): Matcher | null {
  if (filter == null || hasNoCondition(filter)) return null;
  const { status, ...rest } = filter;
  const others = conditionsOf(rest);
  const wanted = status == null ? null : new Set(status);
  return {
    status: wanted === null ? isAny : (row) => wanted.has(row.status()),
    others: others.length === 0 ? isAny : (row) => others.every((isMet) => isMet(row)),
  };
}

/** Equal for filters that mean the same, apart from the order of their lists. */
export function keyOf(filter: MessageFilter | null | undefined): string {
  if (filter == null || hasNoCondition(filter)) return '';
  const { status, country, msgId, recipientContains } = filter;
  return JSON.stringify([status ?? null, country ?? null, msgId ?? null, recipientContains ?? null]);
}

function conditionsOf({ country, msgId, recipientContains }: Omit<MessageFilter, 'status'>): Condition[] {
  const conditions: Condition[] = [];
  if (country != null) {
    const countries = new Set<string | null>(country);
    conditions.push((row) => countries.has(row.text('country')));
  }
  if (msgId != null) {
    const ids = new Set(msgId);
    conditions.push((row) => ids.has(row.msgId()));
  }
  if (recipientContains != null) {
    conditions.push((row) => row.text('recipient')?.includes(recipientContains) ?? false);
  }
  return conditions;
}

function isAny(): boolean {
  return true;
}
