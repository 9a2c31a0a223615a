/**
 * Finds the values of one message in D7's JSON.
 *
 * Consecutive rows have the same bytes between their values, `,"country":` for example. So a row that was read name by name leaves its
 * layout, and a row with the same layout is read without a look at its names.
 */
import type { FieldKind } from './fields.ts';
import * as json from './json-tokens.ts';
import { isAnything, isCount, isDecimal, isString, type Layout, layoutOf, unknownCell } from './layout.ts';
import { cellsByName, isReported, kindOfCell, mayBeNull, requiredCells } from './row-cells.ts';
import { wordBytes } from './words.ts';

/**
 * The layout of the row that was last read name by name, whatever log it was in: a log of one message profits from the log before it.
 * Shared state is safe here, since a layout is only a guess. Each row's bytes are compared with it, and a layout is never changed in
 * place, only replaced as a whole.
 */
let layout: Layout | null = null;

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
export function readRow(bytes: Buffer, view: DataView, at: number, spans: Int32Array): number {
  const end = layout === null ? json.notCanonical : readByLayout(bytes, view, at, spans, layout);
  return end === json.notCanonical ? readByNames(bytes, view, json.skipSpace(bytes, at), spans) : end;
}

function readByLayout(bytes: Buffer, view: DataView, at: number, spans: Int32Array, layout: Layout): number {
  const { lengths, words, firstWords, kinds, cells, after, absent } = layout;
  const count = cells.length;
  const size = bytes.length;
  let i = at;
  let word = 0;
  for (let field = 0; field < count; field += 1) {
    const start = i + (lengths[field] as number);
    if (start > size) return json.notCanonical;
    const lastWord = (firstWords[field + 1] as number) - 1;
    for (; word < lastWord; word += 1) {
      if (view.getInt32(i, true) !== words[word]) return json.notCanonical;
      i += wordBytes;
    }
    if (view.getInt32(start - wordBytes, true) !== words[word]) return json.notCanonical;
    word += 1;
    const cell = cells[field] as number;
    const kind = kinds[field];
    const isText = bytes[start] === json.quote;
    i = isText ? json.endOfString(bytes, view, start) : json.endOfScalar(bytes, view, start);
    if (i === json.notCanonical) return i;
    if (kind === isAnything) continue;
    const isUsual =
      (kind === isString && isText) ||
      (kind === isCount && json.isCount(bytes, start, i)) ||
      (kind === isDecimal && json.beginsNumber(bytes[start] as number));
    if (!isUsual && !fits(bytes, start, i, cell)) return json.notCanonical;
    spans[cell] = start;
    spans[cell + 1] = i;
  }
  for (let index = 0; index < absent.length; index += 1) spans[absent[index] as number] = 0;
  if (!json.isAt(bytes, i, after)) return json.notCanonical;
  lastLayout = layout;
  return i + after.length;
}

/**
 * Reads a row again that is known to have this layout, and returns where it ends. It looks for the end of each value alone, and compares
 * nothing.
 */
export function readRowAgain(bytes: Buffer, view: DataView, at: number, spans: Int32Array, layout: Layout): number {
  const { lengths, cells, after, absent } = layout;
  let i = at;
  for (let field = 0; field < cells.length; field += 1) {
    const start = i + (lengths[field] as number);
    const cell = cells[field] as number;
    i = json.endOfKnownScalar(bytes, view, start);
    if (cell === unknownCell) continue;
    spans[cell] = start;
    spans[cell + 1] = i;
  }
  for (const cell of absent) spans[cell] = 0;
  return i + after.length;
}

function readByNames(bytes: Buffer, view: DataView, at: number, spans: Int32Array): number {
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
    const end = json.endOfScalar(bytes, view, start);
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
  learnLayout(before, seen, Buffer.from(bytes.subarray(valueEnd, i + 1)));
  return i + 1;
}

function learnLayout(before: readonly Buffer[], seen: readonly number[], after: Buffer): void {
  lastLayout = layoutOf(before, seen, after);
  if (lastLayout !== null) layout = lastLayout;
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
