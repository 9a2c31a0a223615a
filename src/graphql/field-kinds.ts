/**
 * What a field can be, for the field table; and a selection of fields, for the writers.
 */

/** A value that both paths write as its JSON. */
export type Leaf<Source, Value = unknown> = { kind: 'leaf'; read: (source: Source) => Value };
/** A value of a message that both paths write from D7's bytes. */
export type Column = { kind: 'column'; column: number };
/** The messages of a log, written row by row. */
export type Messages = { kind: 'messages' };
/** A field that graphql-js alone executes. The fast path takes no query that selects it. */
export type ByGraphQLJs<Resolve = unknown> = { kind: 'graphql-js'; resolve: Resolve };

export type Field<Source> = Leaf<Source> | Column | Messages | ByGraphQLJs;

export type RootField = {
  /** The argument that holds its request ids, or its representations of entities; null for a field that reads no log. */
  items: string | null;
  /** The fast path reads one log for one id, or a list for a list of ids. Where it is missing, graphql-js alone executes the field. */
  fastPath?: 'one' | 'several';
};

/** Root fields by their type and name. */
export type RootFields = Readonly<Record<string, Readonly<Record<string, RootField>>>>;

/** A field of a selection. @param key its name in the response. */
export type Selected<Source> = { key: string } & (
  | { kind: 'typename'; typeName: string }
  | Leaf<Source>
  | Column
  | { kind: 'messages'; selection: Selection<never> }
);

/** What a selection asks of an object, in the order of the response. */
export type Selection<Source> = readonly Selected<Source>[];
