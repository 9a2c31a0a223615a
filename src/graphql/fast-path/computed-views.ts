/**
 * Computes the fields of logs that take long or can fail, before the response is written: summaries, pages and filtered messages.
 */
import type { FieldNode } from 'graphql';
import type { LogResult, ReadResult } from '../../d7/read-result.ts';
import type { OperationContext } from '../context.ts';
import type { Selected, Selection } from '../field-kinds.ts';
import { type ComputedValues, nothingComputed } from '../response/object-writer.ts';
import { computedFieldsIn } from '../selection.ts';
import { settled } from '../views/settled.ts';

/** @param key the field's name in the response. */
export type FailedView = { error: unknown; key: string; nodes: readonly FieldNode[] };

export class ComputedViews {
  readonly #context: OperationContext;
  /** A result that several root fields have in common has the values of all their selections. */
  readonly #byResult = new Map<ReadResult, Map<Selected<never>, unknown>>();

  constructor(context: OperationContext) {
    this.#context = context;
  }

  of(result: ReadResult): ComputedValues {
    return this.#byResult.get(result) ?? nothingComputed;
  }

  /** At once where all logs are small. @returns the first field that fails: its type is not nullable, so the log is null with it. */
  compute(result: ReadResult, selection: Selection<LogResult>): FailedView | null | Promise<FailedView | null> {
    if (result.kind !== 'log') return null;
    const values = this.#valuesOf(result);
    for (const selected of computedFieldsIn(selection)) {
      if (values.has(selected)) continue;
      const { key, nodes, read } = selected;
      const onFailed = (error: unknown): FailedView => ({ error, key, nodes });
      try {
        const value = settled<unknown>(read(result), this.#context);
        if (value instanceof Promise) {
          const goOn = (late: unknown) => {
            values.set(selected, late);
            return this.compute(result, selection);
          };
          return value.then(goOn, onFailed);
        }
        values.set(selected, value);
      } catch (error) {
        return onFailed(error);
      }
    }
    return null;
  }

  #valuesOf(result: LogResult): Map<Selected<never>, unknown> {
    let values = this.#byResult.get(result);
    if (values === undefined) {
      values = new Map();
      this.#byResult.set(result, values);
    }
    return values;
  }
}
