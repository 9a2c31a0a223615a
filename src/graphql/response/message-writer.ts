/**
 * Writes the messages of a log: the values go from D7's bytes into ours as they are.
 */

import type { MessageList, RowCursor } from '../../d7/log/message-list.ts';
import type { Row } from '../../d7/log/message-row.ts';
import type { Selection } from '../field-kinds.ts';
import type { JsonWriter, Steps } from './json-writer.ts';

export type WriteMessages = {
  /** For a log that is small. */
  atOnce: (out: JsonWriter, messages: MessageList) => void;
  inSteps: (out: JsonWriter, messages: MessageList) => Steps;
};

const openList = 0x5b;
const closeList = 0x5d;
const comma = 0x2c;

export function messagesWriterOf(selection: Selection<never>): WriteMessages {
  const { prefixes, wanted, suffix } = rowShapeOf(selection);

  function begin(out: JsonWriter, messages: MessageList): RowCursor {
    // Near enough for most queries, so that the memory seldom has to grow.
    out.reserve(messages.byteLength * 1.25);
    out.byte(openList);
    return messages.rows();
  }

  function writeRow(out: JsonWriter, row: Row, isFirst: boolean): void {
    if (!isFirst) out.byte(comma);
    out.row(row, prefixes, wanted);
    out.token(suffix);
  }

  return {
    atOnce(out, messages) {
      const rows = begin(out, messages);
      for (let isFirst = true; rows.next(); isFirst = false) writeRow(out, rows.row, isFirst);
      out.byte(closeList);
    },
    *inSteps(out, messages) {
      const rows = begin(out, messages);
      for (let isFirst = true; rows.next(); isFirst = false) {
        writeRow(out, rows.row, isFirst);
        if (out.isSliceFull) yield;
      }
      out.byte(closeList);
    },
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
      case 'leaf':
      case 'messages':
        throw new Error('A row has columns alone.');
    }
  });
  return { prefixes, wanted, suffix: Buffer.from(`${constant}}`) };
}

/** A name in an object, with the bracket or comma before it. */
export function prefixOf(key: string, index: number): string {
  return `${index === 0 ? '{' : ','}${JSON.stringify(key)}:`;
}
