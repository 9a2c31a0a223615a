/**
 * A value that takes long to compute for a large log: computed in slices, and once for all operations that want it at the same time.
 *
 * Whoever wants the value advances the same computation, slice by slice, with a turn of the event loop between two slices. So a hundred
 * subscribers to the summary of one log make the work of one.
 */
export abstract class Computation<Value> {
  /** How many rows it visits, at most. */
  readonly rowCount: number;
  #result: { value: Value } | undefined;

  constructor(rowCount: number) {
    this.rowCount = rowCount;
  }

  get isDone(): boolean {
    return this.#result !== undefined;
  }

  /** Computes the next slice, unless the value is there. @returns whether it is. @throws GraphQLError where there is no such value. */
  advance(): boolean {
    this.#result ??= this.computeSlice();
    return this.isDone;
  }

  get value(): Value {
    if (this.#result === undefined) throw new Error('The value is not computed yet.');
    return this.#result.value;
  }

  /** Undefined where another slice is needed. */
  protected abstract computeSlice(): { value: Value } | undefined;
}

/** A value, or how it is computed. */
export type Computed<Value> = Value | Computation<Value>;
