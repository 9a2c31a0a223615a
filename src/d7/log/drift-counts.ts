/**
 * Counts where a log deviates from D7's documentation without failing: one report for each field, however many messages deviate. A report
 * has no value, since values hold phone numbers.
 */
import { type Field, type FieldKind, logFields, messageFields, messagesName } from './fields.ts';
import { largestInt } from './json-tokens.ts';

export type SchemaDrift = {
  /** Without an index: `messages[].schedule_time`. */
  path: string;
  expected: string;
  /** How many values of the log deviate, or are missing. */
  count: number;
};
/** Called once for each field, however many messages deviate. */
export type ReportSchemaDrift = (drift: SchemaDrift) => void;

export const expected: Readonly<Record<FieldKind, string>> = {
  text: 'a string',
  count: `a whole number from 0 to ${largestInt}`,
  decimal: 'a finite number',
  status: 'a string',
  time: 'a time with an offset, such as 2024-02-05T09:48:42+0000',
};

export class DriftCounts {
  readonly #counts = new Map<Field, number>();

  add(field: Field): void {
    this.#counts.set(field, (this.#counts.get(field) ?? 0) + 1);
  }

  reportTo(report: ReportSchemaDrift): void {
    for (const [field, count] of this.#counts) report({ path: pathOf(field), expected: expected[field.kind], count });
  }
}

const fieldsOfLog: ReadonlySet<Field> = new Set(Object.values(logFields));

/** Every path that a report can have. */
export const driftPaths: readonly string[] = [...Object.values(logFields), ...Object.values(messageFields)].map(pathOf);

/** Without an index: it stands for the field in all messages. */
export function pathOf(field: Field): string {
  return fieldsOfLog.has(field) ? field.name : `${messagesName}[].${field.name}`;
}
