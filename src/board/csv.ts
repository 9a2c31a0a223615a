/**
 * Rows as CSV (RFC 4180). A spreadsheet must not run a cell as a formula, and must not turn a phone number into a number: a text that begins
 * as a formula begins with an apostrophe here (OWASP, "CSV Injection").
 */
import { decimalText } from './decimal.ts';
import type { Row } from './rows.ts';

type Cell = string | number | null;

const columns: readonly [name: string, read: (row: Row) => Cell][] = [
  ['message_id', ({ msgId }) => msgId],
  ['country', ({ country }) => country],
  ['recipient', ({ recipient }) => recipient],
  ['status', ({ status }) => status],
  ['status_of_d7', ({ rawStatus }) => rawStatus],
  ['parts', ({ numberOfViberMessage }) => numberOfViberMessage],
  ['cost', ({ viberCost }) => viberCost],
  ['scheduled', ({ scheduleTime }) => scheduleTime],
];

/** The byte order mark makes spreadsheets read UTF-8. */
export const csvHead = `\uFEFF${columns.map(([name]) => name).join(',')}\r\n`;

export function csvLines(rows: readonly Row[]): string {
  return rows.map((row) => `${columns.map(([, read]) => cellText(read(row))).join(',')}\r\n`).join('');
}

function cellText(cell: Cell): string {
  if (cell === null) return '';
  const text = typeof cell === 'number' ? decimalText(cell) : guarded(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Spreadsheets skip spaces, and take the full-width signs as well. */
function guarded(text: string): string {
  return /^[\s\0]*[=+\-@＝＋－＠]|^[\t\r\n]/.test(text) ? `'${text}` : text;
}
