/**
 * Bounds the rows that one operation visits for summaries, filters and pages: their responses are small, so no limit of bytes bounds the
 * work.
 */
import { publicError } from '../errors.ts';

/** How many rows the operation may still visit. */
export class RowBudget {
  readonly #limit: number;
  #left: number;

  constructor(limit: number) {
    this.#limit = limit;
    this.#left = limit;
  }

  /** @throws GraphQLError MAX_COMPUTED_ROWS_LIMIT */
  take(rows: number): void {
    if (rows > this.#left) throw publicError('tooManyRows', { limit: this.#limit });
    this.#left -= rows;
  }

  /** Before each event of a subscription. */
  reset(): void {
    this.#left = this.#limit;
  }
}
