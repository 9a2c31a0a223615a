/**
 * The layout of a row: the bytes between its values, `,"country":` for example, and the cell of each value. All in flat arrays, because the
 * scanner goes through them for each row.
 */
import type { FieldKind } from './fields.ts';
import { allCells, kindOfCell } from './row-cells.ts';
import { wordBytes } from './words.ts';

/** In place of a cell, for a field that the gateway does not know. */
export const unknownCell = -1;

const maxBytes = 1024;

export class Layout {
  /** For each value: the cell. */
  readonly cells: Int32Array;
  /** And what it has to be. */
  readonly kinds: Uint8Array;
  /** The length of the bytes before it. */
  readonly lengths: Int32Array;
  /** The bytes before all values as words. The last word of each overlaps the one before it, unless the length is a multiple of a word. */
  readonly words: Int32Array;
  /** For each value where its words begin, and in the end where they end. */
  readonly firstWords: Int32Array;
  /** The bytes after the last value. */
  readonly after: Buffer;
  /** The cells that such a row does not have. */
  readonly absent: readonly number[];

  constructor(before: readonly Buffer[], cells: readonly number[], after: Buffer) {
    const words = before.map(wordsOf);
    this.cells = Int32Array.from(cells);
    this.kinds = Uint8Array.from(cells, kindOf);
    this.lengths = Int32Array.from(before, ({ length }) => length);
    this.words = Int32Array.from(words.flat());
    this.firstWords = new Int32Array(words.length + 1);
    words.forEach((own, index) => {
      this.firstWords[index + 1] = (this.firstWords[index] as number) + own.length;
    });
    this.after = after;
    this.absent = allCells.filter((cell) => !cells.includes(cell));
  }
}

/** Numbers, which cost less to compare than the names of kinds. */
export const isAnything = 0;
export const isString = 1;
export const isCount = 2;
export const isDecimal = 3;

function kindOf(cell: number): number {
  if (cell === unknownCell) return isAnything;
  switch (kindOfCell[cell] as FieldKind) {
    case 'count':
      return isCount;
    case 'decimal':
      return isDecimal;
    case 'text':
    case 'status':
    case 'time':
      return isString;
  }
}

/** Null for one that is too long: the memory is not worth it. */
export function layoutOf(before: readonly Buffer[], cells: readonly number[], after: Buffer): Layout | null {
  const bytes = before.reduce((sum, { length }) => sum + length, after.length);
  return bytes > maxBytes ? null : new Layout(before, cells, after);
}

/** Before each value there are at least a bracket or comma, two quotes and a colon: one word. */
function wordsOf(bytes: Buffer): number[] {
  const words: number[] = [];
  for (let at = 0; at + wordBytes < bytes.length; at += wordBytes) words.push(bytes.readInt32LE(at));
  words.push(bytes.readInt32LE(bytes.length - wordBytes));
  return words;
}
