/**
 * Finds the values of one message in D7's JSON.
 *
 * Consecutive rows have the same bytes between their values, `,"country":` for example. So a row that was read name by name leaves its
 * layout, and a row with the same layout is read without a look at its names.
 */
import type { FieldKind } from './fields.ts';
import * as json from './json-tokens.ts';
import { allCells, cellsByName, isReported, kindOfCell, mayBeNull, requiredCells } from './row-cells.ts';

/** In the order of the row. An unknown field has an entry, too, but no cell. */
export type Layout = { before: Buffer[]; cells: number[]; after: Buffer; absent: readonly number[] };
const unknownCell = -1;

/**
 * The layout of the row that was last read name by name, whatever log it was in: a log of one message profits from the log before it.
 * Shared state is safe here, since a layout is only a guess. Each row's bytes are compared with it, and a layout is never changed in
 * place, only replaced as a whole.
 */
let layout: Layout | null = null;

const maxLayoutBytes = 1024;

/** The layout of the row that was read last, or null where it has none that is known. */
let lastLayout: Layout | null = null;

export function layoutOfLastRow(): Layout | null {
  return lastLayout;
}

/** Whether a row since the last `takeReportedNull` may have a null that is reported. So a row without one costs nothing more. */
let hasReportedNull = false;

export function takeReportedNull(): boolean {
  const taken = hasReportedNull;
  hasReportedNull = false;
  return taken;
}

/**
 * Reads the row that begins at `at`, and returns where it ends, or `notCanonical`.
 *
 * @param spans receives the start and the end of each value. A start of 0 means that the row has no value: no value is at the
 * beginning of the body.
 */
export function readRow(bytes: Buffer, at: number, spans: Int32Array): number {
  const end = readByLayout(bytes, at, spans);
  return end === json.notCanonical ? readByNames(bytes, json.skipSpace(bytes, at), spans) : end;
}

function readByLayout(bytes: Buffer, at: number, spans: Int32Array): number {
  if (layout === null) return json.notCanonical;
  const { before, cells, after, absent } = layout;
  let i = at;
  for (let field = 0; field < before.length; field += 1) {
    const between = before[field] as Buffer;
    if (!json.isAt(bytes, i, between)) return json.notCanonical;
    const start = i + between.length;
    const cell = cells[field] as number;
    i = json.endOfScalar(bytes, start);
    if (i === json.notCanonical) return i;
    if (cell === unknownCell) continue;
    if (!fits(bytes, start, i, cell)) return json.notCanonical;
    spans[cell] = start;
    spans[cell + 1] = i;
  }
  for (const cell of absent) spans[cell] = 0;
  if (!json.isAt(bytes, i, after)) return json.notCanonical;
  lastLayout = layout;
  return i + after.length;
}

/**
 * Reads a row again that is known to have this layout, and returns where it ends. It looks for the end of each value alone, and compares
 * nothing: a walk over a large log takes 0.6 of the time (`node test/bench/rows.ts`).
 */
export function readRowAgain(bytes: Buffer, at: number, spans: Int32Array, layout: Layout): number {
  const { before, cells, after, absent } = layout;
  let i = at;
  for (let field = 0; field < before.length; field += 1) {
    const start = i + (before[field] as Buffer).length;
    const cell = cells[field] as number;
    i = json.endOfKnownScalar(bytes, start);
    if (cell === unknownCell) continue;
    spans[cell] = start;
    spans[cell + 1] = i;
  }
  for (const cell of absent) spans[cell] = 0;
  return i + after.length;
}

function readByNames(bytes: Buffer, at: number, spans: Int32Array): number {
  const before: Buffer[] = [];
  const seen: number[] = [];
  spans.fill(0);
  let i = at;
  if (bytes[i] !== json.openObject) return json.notCanonical;
  let valueEnd = at;
  do {
    const nameAt = json.skipSpace(bytes, i + 1);
    const nameEnd = json.endOfName(bytes, nameAt);
    const start = json.startOfValue(bytes, nameEnd);
    if (start === json.notCanonical) return start;
    const end = json.endOfScalar(bytes, start);
    if (end === json.notCanonical) return end;
    const cell = cellsByName.get(bytes.toString('utf8', nameAt + 1, nameEnd - 1)) ?? unknownCell;
    before.push(Buffer.from(bytes.subarray(valueEnd, start)));
    seen.push(cell);
    if (cell !== unknownCell) {
      // Of a name that occurs twice JSON.parse takes the last value, and of two names of one field the decoder prefers one.
      if (spans[cell] !== 0 || !fits(bytes, start, end, cell)) return json.notCanonical;
      spans[cell] = start;
      spans[cell + 1] = end;
    }
    valueEnd = end;
    i = json.skipSpace(bytes, end);
  } while (bytes[i] === json.comma);
  if (bytes[i] !== json.closeObject || !isWhole(spans)) return json.notCanonical;
  learnLayout(before, seen, Buffer.from(bytes.subarray(valueEnd, i + 1)), spans);
  return i + 1;
}

/** A row of a longer layout than D7's is read name by name: the memory is not worth it. */
function learnLayout(before: Buffer[], seen: number[], after: Buffer, spans: Int32Array): void {
  lastLayout = null;
  const bytes = before.reduce((sum, { length }) => sum + length, after.length);
  if (bytes > maxLayoutBytes) return;
  layout = { before, cells: seen, after, absent: allCells.filter((cell) => spans[cell] === 0) };
  lastLayout = layout;
}

function fits(bytes: Buffer, start: number, end: number, cell: number): boolean {
  if (isOfKind(bytes, start, end, cell)) return true;
  if (!json.isNull(bytes, start) || !mayBeNull[cell]) return false;
  if (isReported[cell]) hasReportedNull = true;
  return true;
}

function isOfKind(bytes: Buffer, start: number, end: number, cell: number): boolean {
  switch (kindOfCell[cell] as FieldKind) {
    case 'count':
      return json.isCount(bytes, start, end);
    case 'decimal':
      return json.beginsNumber(bytes[start] as number);
    case 'text':
    case 'status':
    case 'time':
      return bytes[start] === json.quote;
  }
}

function isWhole(spans: Int32Array): boolean {
  for (const cell of requiredCells) if (spans[cell] === 0) return false;
  return true;
}
