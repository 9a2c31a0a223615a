/**
 * Writes an object as a selection asks for it: its values, objects and lists, and messages from D7's bytes.
 */
import type { ReadResult } from '../../d7/read-result.ts';
import type { Selected, SelectedLog, Selection } from '../field-kinds.ts';
import type { MessageRows } from '../views/matching-rows.ts';
import type { JsonWriter, Steps } from './json-writer.ts';
import { messagesWriterOf, messageWriterOf, prefixOf } from './message-writer.ts';

/** The values of an object's fields that were computed, or read, beforehand. */
export type ComputedValues = ReadonlyMap<Selected<never>, unknown>;
/** That of a log which was read for the object, with the values of its own fields. @param result null where the read failed. */
export type LogValue = { result: ReadResult | null; computed: ComputedValues };

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
const nothing = Buffer.from('null');

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

/** Writes what a read has found, or null where it has failed. */
export function logWriterOf({ viberLog, notFound }: SelectedLog): WriteObject<ReadResult | null> {
  const log = objectWriterOf(viberLog);
  const noSuchLog = notFound && objectWriterOf(notFound);

  function atOnce(out: JsonWriter, result: ReadResult | null, computed: ComputedValues): void {
    if (result?.kind === 'log') log.atOnce(out, result, computed);
    else if (result === null || noSuchLog === null) out.token(nothing);
    else noSuchLog.atOnce(out, result, nothingComputed);
  }

  return {
    atOnce,
    *inSteps(out, result, computed) {
      if (result?.kind === 'log') yield* log.inSteps(out, result, computed);
      else atOnce(out, result, computed);
    },
  };
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
    case 'log': {
      const { atOnce, inSteps } = logWriterOf(selected);
      const valueIn = (computed: ComputedValues) => computed.get(selected) as LogValue;
      return {
        prefix,
        write(out, _source, computed) {
          const log = valueIn(computed);
          atOnce(out, log.result, log.computed);
        },
        inSteps(out, _source, computed) {
          const log = valueIn(computed);
          return inSteps(out, log.result, log.computed);
        },
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
