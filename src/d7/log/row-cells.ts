/**
 * The cells of a row: where its spans hold the start of each value, and, next to it, the end. Computed once from the table of fields.
 *
 * The arrays have an entry for each span, so that the hot path indexes them by a cell. A Map or a closure for each row would cost
 * more than the row.
 */
import { type FieldKind, type MessageKey, messageFields } from './fields.ts';

const keys = Object.keys(messageFields) as MessageKey[];
const fields = Object.values(messageFields);

export const spanCount = keys.length * 2;

export const cells = Object.fromEntries(keys.map((key, index) => [key, index * 2])) as Record<MessageKey, number>;
export const allCells: readonly number[] = Object.values(cells);
export const requiredCells = allCells.filter((cell) => fields[cell / 2]?.isRequired);

export const kindOfCell: readonly FieldKind[] = fields.flatMap(({ kind }) => [kind, kind]);
export const isRequiredCell: readonly boolean[] = fields.flatMap(({ isRequired }) => [isRequired, isRequired]);

export const cellsByName: ReadonlyMap<string, number> = new Map(
  fields.flatMap(({ name, otherNames = [] }, index) =>
    [name, ...otherNames].map((one): [string, number] => [one, index * 2]),
  ),
);
