/**
 * The cells of a row: where its spans hold the start of each value, and, next to it, the end. Computed once from the table of fields.
 *
 * The arrays have an entry for each span, so that the hot path indexes them by a cell. A Map or a closure for each row would cost
 * more than the row.
 */
import { type Field, type FieldKind, type MessageKey, messageFields } from './fields.ts';

const keys = Object.keys(messageFields) as MessageKey[];
const fields = Object.values(messageFields);

export const spanCount = keys.length * 2;

export const cells = Object.fromEntries(keys.map((key, index) => [key, index * 2])) as Record<MessageKey, number>;
export const allCells: readonly number[] = Object.values(cells);
/** A row is canonical where these are not missing. */
export const requiredCells = allCells.filter((cell) => fieldOf(cell).absence !== 'normal');
/** A null in one of these is reported. */
export const reportedCells = allCells.filter((cell) => fieldOf(cell).absence === 'drift');
export const isReported: readonly boolean[] = fields.flatMap(({ absence }) => {
  const isDrift = absence === 'drift';
  return [isDrift, isDrift];
});

export const kindOfCell: readonly FieldKind[] = fields.flatMap(({ kind }) => [kind, kind]);
export const mayBeNull: readonly boolean[] = fields.flatMap(({ absence }) => {
  const isNullable = absence !== 'fault';
  return [isNullable, isNullable];
});

export const cellsByName: ReadonlyMap<string, number> = new Map(
  fields.flatMap(({ name, otherNames = [] }, index) =>
    [name, ...otherNames].map((one): [string, number] => [one, index * 2]),
  ),
);

export function fieldOf(cell: number): Field {
  return fields[cell / 2] as Field;
}
