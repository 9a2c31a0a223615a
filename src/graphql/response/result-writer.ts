/**
 * Writes what graphql-js answers, with the messages of logs in their places.
 */
import type { GraphQLFormattedError } from 'graphql';
import type { Place } from './deferred-rows.ts';
import type { JsonWriter, Steps } from './json-writer.ts';
import { prefixOf } from './message-writer.ts';

const openList = 0x5b;
const closeList = 0x5d;
const closeObject = 0x7d;
const comma = 0x2c;

/** @param data undefined where nothing was run. */
export function* writeResult(
  out: JsonWriter,
  errors: readonly GraphQLFormattedError[],
  data: unknown,
  rows: Place | undefined,
): Steps {
  if (errors.length > 0) out.text(`${prefixOf('errors', 0)}${JSON.stringify(errors)}`);
  if (data !== undefined) {
    out.text(prefixOf('data', errors.length));
    yield* writeValue(out, data, rows);
  }
  out.byte(closeObject);
}

function* writeValue(out: JsonWriter, value: unknown, place: Place | undefined): Steps {
  if (Array.isArray(value)) {
    if (place?.rows) yield* place.rows.write.inSteps(out, place.rows.rows);
    else yield* writeList(out, value, place);
  } else if (isPlainObject(value)) {
    yield* writeObject(out, value, place);
  } else {
    out.text(JSON.stringify(value) ?? 'null');
  }
}

function* writeList(out: JsonWriter, items: readonly unknown[], place: Place | undefined): Steps {
  out.byte(openList);
  for (let index = 0; index < items.length; index += 1) {
    if (index > 0) out.byte(comma);
    yield* writeValue(out, items[index], place?.inner?.get(index));
    if (out.isSliceFull) yield;
  }
  out.byte(closeList);
}

function* writeObject(out: JsonWriter, object: object, place: Place | undefined): Steps {
  const entries = Object.entries(object);
  if (entries.length === 0) out.text('{');
  for (let index = 0; index < entries.length; index += 1) {
    const [key, value] = entries[index] as [string, unknown];
    out.text(prefixOf(key, index));
    yield* writeValue(out, value, place?.inner?.get(key));
  }
  out.byte(closeObject);
}

/** And not a Date, say, which knows its own JSON. An alias may have that name, too. */
function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && typeof (value as Partial<Date>).toJSON !== 'function';
}
