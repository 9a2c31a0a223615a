/**
 * Finds the values of one message in D7's JSON. D7's names (snake_case) go no further than this file and the decoder.
 *
 * Rows look alike. What stands between the values of one, `,"country":` say, stands between those of the next: so a row that was
 * read name by name leaves its layout behind, and where the next one has that layout only its values are looked at.
 */
import * as json from './json-tokens.ts';

/** Where in the spans of a row a value has its start; its end is next to it. */
export const cells = {
  msgId: 0,
  country: 2,
  recipient: 4,
  rawStatus: 6,
  numberOfViberMessage: 8,
  viberCost: 10,
  scheduleTime: 12,
} as const;
export const spanCount = 14;
const unknownCell = -1;

const cellsByName = new Map<string, number>([
  ['msg_id', cells.msgId],
  ['country', cells.country],
  ['recipient', cells.recipient],
  ['status', cells.rawStatus],
  ['number_of_viber_message', cells.numberOfViberMessage],
  // So D7's parameter table calls the same thing.
  ['number_of_sms', cells.numberOfViberMessage],
  ['viber_cost', cells.viberCost],
  ['schedule_time', cells.scheduleTime],
]);

/** In the order of the row; what is not known has a place there, too, and no cell. */
type Layout = { before: Buffer[]; cells: number[]; after: Buffer; absent: readonly number[] };
let layout: Layout | null = null;

const longestLayout = 1024;
const nullToken = Buffer.from('null');

/**
 * Reads the row that begins at `at`. Answers where it ends, or `notPlain`.
 *
 * @param spans is told the start and the end of each value. A start of 0 is that of no value: something stands before each.
 */
export function readRow(bytes: Buffer, at: number, spans: Int32Array): number {
  const end = readByLayout(bytes, at, spans);
  return end === json.notPlain ? readByNames(bytes, json.skipSpace(bytes, at), spans) : end;
}

function readByLayout(bytes: Buffer, at: number, spans: Int32Array): number {
  if (layout === null) return json.notPlain;
  const { before, cells, after, absent } = layout;
  let i = at;
  for (let field = 0; field < before.length; field += 1) {
    const between = before[field] as Buffer;
    if (!json.isAt(bytes, i, between)) return json.notPlain;
    const start = i + between.length;
    const cell = cells[field] as number;
    i = json.endOfScalar(bytes, start);
    if (i === json.notPlain) return i;
    if (cell === unknownCell) continue;
    if (!fits(bytes, start, i, cell)) return json.notPlain;
    spans[cell] = start;
    spans[cell + 1] = i;
  }
  for (const cell of absent) spans[cell] = 0;
  return json.isAt(bytes, i, after) ? i + after.length : json.notPlain;
}

function readByNames(bytes: Buffer, at: number, spans: Int32Array): number {
  const before: Buffer[] = [];
  const seen: number[] = [];
  spans.fill(0);
  let i = at;
  if (bytes[i] !== json.openObject) return json.notPlain;
  let valueEnd = at;
  do {
    const nameAt = json.skipSpace(bytes, i + 1);
    const nameEnd = json.endOfName(bytes, nameAt);
    const start = json.startOfValue(bytes, nameEnd);
    if (start === json.notPlain) return start;
    const end = json.endOfScalar(bytes, start);
    if (end === json.notPlain) return end;
    const cell = cellsByName.get(bytes.toString('utf8', nameAt + 1, nameEnd - 1)) ?? unknownCell;
    before.push(Buffer.from(bytes.subarray(valueEnd, start)));
    seen.push(cell);
    if (cell !== unknownCell) {
      // Of what stands there twice JSON.parse takes the last, and of the number's two names the decoder takes one.
      if (spans[cell] !== 0 || !fits(bytes, start, end, cell)) return json.notPlain;
      spans[cell] = start;
      spans[cell + 1] = end;
    }
    valueEnd = end;
    i = json.skipSpace(bytes, end);
  } while (bytes[i] === json.comma);
  if (bytes[i] !== json.closeObject || !isWhole(spans)) return json.notPlain;
  learnLayout(before, seen, Buffer.from(bytes.subarray(valueEnd, i + 1)), spans);
  return i + 1;
}

/** One that is longer than any of D7's is read name by name each time: it is not worth its memory. */
function learnLayout(before: Buffer[], seen: number[], after: Buffer, spans: Int32Array): void {
  const bytes = before.reduce((sum, { length }) => sum + length, after.length);
  if (bytes > longestLayout) return;
  layout = { before, cells: seen, after, absent: Object.values(cells).filter((cell) => spans[cell] === 0) };
}

function fits(bytes: Buffer, start: number, end: number, cell: number): boolean {
  const first = bytes[start] as number;
  switch (cell) {
    case cells.numberOfViberMessage:
      return json.isCount(bytes, start, end);
    case cells.viberCost:
      return json.beginsNumber(first);
    case cells.country:
    case cells.scheduleTime:
      return first === json.quote || json.isAt(bytes, start, nullToken);
    default:
      return first === json.quote;
  }
}

function isWhole(spans: Int32Array): boolean {
  return (
    spans[cells.msgId] !== 0 &&
    spans[cells.recipient] !== 0 &&
    spans[cells.rawStatus] !== 0 &&
    spans[cells.numberOfViberMessage] !== 0 &&
    spans[cells.viberCost] !== 0
  );
}
