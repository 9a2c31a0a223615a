/**
 * Writes an object as a selection asks for it: its values, objects and lists, and messages from D7's bytes.
 */
import type { Selected, Selection } from '../field-kinds.ts';
import type { MessageRows } from '../views/matching-rows.ts';
import type { JsonWriter, Steps } from './json-writer.ts';
import { messagesWriterOf, messageWriterOf, prefixOf } from './message-writer.ts';

/** The values of an object's fields that were computed beforehand. */
export type ComputedValues = ReadonlyMap<Selected<never>, unknown>;

export type WriteObject<Source> = {
  /** For an object that is small. */
  atOnce: (out: JsonWriter, source: Source, computed: ComputedValues) => void;
  inSteps: (out: JsonWriter, source: Source, computed: ComputedValues) => Steps;
};

type FieldWriter<Source> = {
  prefix: Buffer;
  write: (out: JsonWriter, source: Source, computed: ComputedValues) => void;
  /** For what may be long. */
  inSteps?: (out: JsonWriter, source: Source, computed: ComputedValues) => Steps;
};

const openList = 0x5b;
const closeList = 0x5d;
const closeObject = 0x7d;
const comma = 0x2c;
const emptyObject = Buffer.from('{}');

export const nothingComputed: ComputedValues = new Map();

export function objectWriterOf<Source>(selection: Selection<Source>): WriteObject<Source> {
  const fields = selection.map(fieldWriterOf);

  return {
    atOnce(out, source, computed) {
      for (const { prefix, write } of fields) {
        out.token(prefix);
        write(out, source, computed);
      }
      closeObjectIn(out);
    },
    *inSteps(out, source, computed) {
      for (const { prefix, write, inSteps } of fields) {
        out.token(prefix);
        if (inSteps) yield* inSteps(out, source, computed);
        else write(out, source, computed);
      }
      closeObjectIn(out);
    },
  };

  function closeObjectIn(out: JsonWriter): void {
    if (fields.length === 0) out.token(emptyObject);
    else out.byte(closeObject);
  }
}

function fieldWriterOf<Source>(selected: Selected<Source>, index: number): FieldWriter<Source> {
  const prefix = Buffer.from(prefixOf(selected.key, index));
  switch (selected.kind) {
    case 'typename': {
      const token = Buffer.from(JSON.stringify(selected.typeName));
      return { prefix, write: (out) => out.token(token) };
    }
    case 'leaf': {
      const { read } = selected;
      return { prefix, write: (out, source) => out.text(JSON.stringify(read(source))) };
    }
    case 'messages': {
      const { atOnce, inSteps } = messagesWriterOf(selected.selection);
      const rowsOf = valueReaderOf<Source, MessageRows>(selected);
      return {
        prefix,
        write: (out, source, computed) => atOnce(out, rowsOf(source, computed)),
        inSteps: (out, source, computed) => inSteps(out, rowsOf(source, computed)),
      };
    }
    case 'message': {
      const write = messageWriterOf(selected.selection);
      return { prefix, write: (out, source) => write(out, selected.read(source)) };
    }
    case 'object': {
      const { atOnce, inSteps } = objectWriterOf(selected.selection);
      const valueIn = valueReaderOf<Source, unknown>(selected);
      return {
        prefix,
        write: (out, source, computed) => atOnce(out, valueIn(source, computed), nothingComputed),
        inSteps: (out, source, computed) => inSteps(out, valueIn(source, computed), nothingComputed),
      };
    }
    case 'list': {
      const { atOnce, inSteps } = listWriterOf(selected.selection);
      return {
        prefix,
        write: (out, source) => atOnce(out, selected.read(source)),
        inSteps: (out, source) => inSteps(out, selected.read(source)),
      };
    }
    case 'column':
      throw new Error('A column is written with its row.');
  }
}

/** A value that takes long to compute was computed before anything is written, since it can fail. */
function valueReaderOf<Source, Value>(
  selected: Extract<Selected<Source>, { isComputed: boolean }>,
): (source: Source, computed: ComputedValues) => Value {
  if (selected.isComputed) return (_source, computed) => computed.get(selected) as Value;
  return (source) => selected.read(source) as Value;
}

function listWriterOf(selection: Selection<unknown>) {
  const item = objectWriterOf(selection);
  return {
    atOnce(out: JsonWriter, items: readonly unknown[]): void {
      out.byte(openList);
      for (let index = 0; index < items.length; index += 1) {
        if (index > 0) out.byte(comma);
        item.atOnce(out, items[index], nothingComputed);
      }
      out.byte(closeList);
    },
    *inSteps(out: JsonWriter, items: readonly unknown[]): Steps {
      out.byte(openList);
      for (let index = 0; index < items.length; index += 1) {
        if (index > 0) out.byte(comma);
        item.atOnce(out, items[index], nothingComputed);
        if (out.isSliceFull) yield;
      }
      out.byte(closeList);
    },
  };
}
