/**
 * What a field can be, for the field table; and a selection of fields, for the writers.
 */

import type { FieldNode } from 'graphql';
import type { MessageList } from '../d7/log/message-list.ts';
import type { LogResult, NoSuchLogResult } from '../d7/read-result.ts';
import type { Computed } from './views/computation.ts';
import type { MessageRows } from './views/matching-rows.ts';

/** A value that both paths write as its JSON. */
export type Leaf<Source, Value = unknown> = { kind: 'leaf'; read: (source: Source) => Value };
/** A value of a message that both paths write from D7's bytes. */
export type Column = { kind: 'column'; column: number };
/** Messages of a log, written row by row. */
export type Messages<Source, Arguments = Record<string, unknown>> = {
  kind: 'messages';
  arguments: ArgumentNames;
  read: (source: Source, given: Arguments) => Computed<MessageRows>;
};
/** One message of a log. */
export type Message<Source> = { kind: 'message'; read: (source: Source) => MessageAt };
/** An object of a type that the field table has. */
export type ObjectField<Source, Value = unknown, Arguments = Record<string, unknown>> = {
  kind: 'object';
  type: string;
  arguments: ArgumentNames;
  read: (source: Source, given: Arguments) => Computed<Value>;
};
/** A list of such objects. */
export type ListField<Source, Item = unknown> = {
  kind: 'list';
  type: string;
  read: (source: Source) => readonly Item[];
};
/** A log, read by its id: the same union as of a root field. */
type LogField<Source> = { kind: 'log'; requestId: (source: Source) => string };
/** A field that graphql-js alone executes. The fast path takes no query that selects it. */
export type ByGraphQLJs<Resolve = unknown> = { kind: 'graphql-js'; resolve: Resolve };

/** All arguments that the field takes. */
type ArgumentNames = Readonly<Record<string, true>>;
export type MessageAt = { messages: MessageList; start: number };

export type Field<Source> =
  | Leaf<Source>
  | Column
  | Messages<Source>
  | Message<Source>
  | ObjectField<Source>
  | ListField<Source>
  | LogField<Source>
  | ByGraphQLJs;

export type RootField = {
  /** The argument that holds its request ids, or its representations of entities; null for a field that reads no log. */
  items: string | null;
  /**
   * The fast path reads one log for one id, a list for a list of ids, or entities for their representations. Where it is missing, graphql-js
   * alone executes the field.
   */
  fastPath?: 'one' | 'several' | 'entities';
};

/** Root fields by their type and name. */
export type RootFields = Readonly<Record<string, Readonly<Record<string, RootField>>>>;

/** A field of a selection, with its arguments given. @param key its name in the response. */
export type Selected<Source> = { key: string } & (
  | { kind: 'typename'; typeName: string }
  | Leaf<Source>
  | Column
  | ({ kind: 'messages'; read: (source: Source) => Computed<MessageRows>; selection: Selection<never> } & Computable)
  | { kind: 'message'; read: (source: Source) => MessageAt; selection: Selection<never> }
  | ({ kind: 'object'; read: (source: Source) => Computed<unknown>; selection: Selection<unknown> } & Computable)
  | { kind: 'list'; read: (source: Source) => readonly unknown[]; selection: Selection<unknown> }
  | SelectedLogField<Source>
);

/** Read before the response is written, like what is computed. */
export type SelectedLogField<Source> = LogField<Source> & { nodes: readonly FieldNode[] } & SelectedLog;

/** What is selected of a read, by the member of the union that its result is. */
export type SelectedLog = {
  viberLog: Selection<LogResult>;
  /** Null where a missing log is null. */
  notFound: Selection<NoSuchLogResult> | null;
};

/** @param nodes of the field, where the error of one that fails is. */
type Computable = { isComputed: boolean; nodes: readonly FieldNode[] };

/** What a selection asks of an object, in the order of the response. */
export type Selection<Source> = readonly Selected<Source>[];
