/**
 * Writes the messages of a log: the values go from D7's bytes into ours as they are.
 */

import type { RowCursor, RowsAt } from '../../d7/log/message-list.ts';
import type { Row } from '../../d7/log/message-row.ts';
import type { MessageAt, Selection } from '../field-kinds.ts';
import type { MessageRows } from '../views/matching-rows.ts';
import type { JsonWriter, Steps } from './json-writer.ts';

export type WriteMessages = {
  /** For a log that is small. */
  atOnce: (out: JsonWriter, rows: MessageRows) => void;
  inSteps: (out: JsonWriter, rows: MessageRows) => Steps;
};

const openList = 0x5b;
const closeList = 0x5d;
const comma = 0x2c;

export function messagesWriterOf(selection: Selection<never>): WriteMessages {
  const writeRow = rowWriterOf(selection);

  function begin(out: JsonWriter, { messages, starts }: MessageRows): RowCursor | RowsAt {
    const share = starts === 'all' ? 1 : starts.length / Math.max(messages.count, 1);
    // Near enough for most queries, so that the memory seldom has to grow.
    out.reserve(messages.byteLength * share * 1.25);
    out.byte(openList);
    return starts === 'all' ? messages.rows() : messages.rowsAt(starts);
  }

  function writeItem(out: JsonWriter, row: Row, isFirst: boolean): void {
    if (!isFirst) out.byte(comma);
    writeRow(out, row);
  }

  return {
    atOnce(out, wanted) {
      const rows = begin(out, wanted);
      for (let isFirst = true; rows.next(); isFirst = false) writeItem(out, rows.row, isFirst);
      out.byte(closeList);
    },
    *inSteps(out, wanted) {
      const rows = begin(out, wanted);
      for (let isFirst = true; rows.next(); isFirst = false) {
        writeItem(out, rows.row, isFirst);
        if (out.isSliceFull) yield;
      }
      out.byte(closeList);
    },
  };
}

export function messageWriterOf(selection: Selection<never>): (out: JsonWriter, message: MessageAt) => void {
  const writeRow = rowWriterOf(selection);
  return (out, { messages, start }) => writeRow(out, messages.rowAt(start));
}

function rowWriterOf(selection: Selection<never>): (out: JsonWriter, row: Row) => void {
  const { prefixes, wanted, suffix } = rowShapeOf(selection);
  return (out, row) => {
    out.row(row, prefixes, wanted);
    out.token(suffix);
  };
}

/** What is the same in all rows, the names of fields and of the type, in as few pieces as there are values. */
function rowShapeOf(selection: Selection<never>): { prefixes: Buffer[]; wanted: number[]; suffix: Buffer } {
  const prefixes: Buffer[] = [];
  const wanted: number[] = [];
  // `@skip` may have left nothing.
  let constant = selection.length === 0 ? '{' : '';
  selection.forEach((selected, index) => {
    constant += prefixOf(selected.key, index);
    switch (selected.kind) {
      case 'typename':
        constant += JSON.stringify(selected.typeName);
        return;
      case 'column':
        prefixes.push(Buffer.from(constant));
        wanted.push(selected.column);
        constant = '';
        return;
      default:
        throw new Error('A row has columns alone.');
    }
  });
  return { prefixes, wanted, suffix: Buffer.from(`${constant}}`) };
}

/** A name in an object, with the bracket or comma before it. */
export function prefixOf(key: string, index: number): string {
  return `${index === 0 ? '{' : ','}${JSON.stringify(key)}:`;
}
