/**
 * What a query or a subscription asks of logs, laid out once for all its runs: which ids, and which fields in which order under which names.
 *
 * A plan knows what the field table knows how to write, and nothing else: with any other field, argument or directive a query has no plan,
 * and graphql-js executes it. Making a plan costs less than validating its document, so a client gains nothing by sending new ones.
 */
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  getArgumentValues,
  getOperationAST,
  Kind,
  visit,
} from 'graphql';
import type { LogResult } from '../../d7/read-result.ts';
import { createFieldCollector, fragmentsIn, type Variables } from '../collect-fields.ts';
import type { SelectedLog, SelectedLogField, Selection } from '../field-kinds.ts';
import type { FederatedSources } from '../fields.ts';
import type { ViberLogSchema } from '../schema.ts';
import { computedFieldsIn, createSelector, logFieldsIn, selectedLogOf } from '../selection.ts';

export type ExecutionPlan = {
  fields: readonly PlannedField[];
  /** Whether a field of a log takes long to compute: computed-views.ts does that before anything is written. */
  hasViews: boolean;
  /** Whether a field may not be null: without a token all data would be null, as graphql-js has it. */
  needsToken: boolean;
};

export type PlannedField = {
  /** Its name in the response. */
  key: string;
  /** Its nodes in the document. */
  nodes: readonly FieldNode[];
} & (PlannedTypename | PlannedRead | PlannedEntities);

type PlannedTypename = { kind: 'typename' };

export type PlannedRead = { kind: 'one' | 'several'; argument: Argument } & SelectedLog;

export type PlannedEntities = {
  kind: 'entities';
  argument: Argument;
  /** By the type of the entity. */
  viberLog: Selection<LogResult>;
  notFound: null;
  viberMessage: Selection<never>;
  viberRequest: Selection<RequestHandle>;
  /** What is read for a ViberRequest. */
  logsOfRequest: readonly ({ key: string } & SelectedLogField<RequestHandle>)[];
};

type RequestHandle = FederatedSources['ViberRequest'];

/** The value of the field's one argument: an id, a list of them, or representations. */
type Argument = (variables: Variables) => unknown;

/** The field collector executes these. */
const knownDirectives = new Set(['skip', 'include']);

/** @param variables decide `@skip` and `@include`: with others there may be another plan. */
export function executionPlanOf(
  { schema, rootFields }: ViberLogSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: Variables,
): ExecutionPlan | null {
  const operation = getOperationAST(document, operationName);
  const rootType = operation && schema.getRootType(operation.operation);
  if (!rootType || hasOtherDirectives(document)) return null;
  const table = rootFields[rootType.name] ?? {};
  const fragments = fragmentsIn(document);
  const collect = createFieldCollector(schema, fragments, variables);
  const selectionOf = createSelector(schema, fragments, variables);
  const definitions = rootType.getFields();
  const fields: PlannedField[] = [];
  for (const [key, nodes] of collect(rootType, [operation.selectionSet])) {
    const planned = plannedFieldOf(nodes);
    if (planned === null) return null;
    fields.push({ key, nodes, ...planned });
  }
  return { fields, hasViews: fields.some(hasViews), needsToken: fields.some(({ kind }) => kind === 'entities') };

  function plannedFieldOf(nodes: readonly FieldNode[]): PlannedTypename | PlannedRead | PlannedEntities | null {
    const [node] = nodes as [FieldNode];
    const name = node.name.value;
    if (name === '__typename') return { kind: 'typename' };
    const field = Object.hasOwn(table, name) ? table[name] : undefined;
    const definition = definitions[name];
    if (!field?.fastPath || field.items === null || !definition) return null;
    const argument = argumentOf(node, definition, field.items);
    if (argument === null) return null;
    if (field.fastPath === 'entities') return plannedEntitiesOf(nodes, argument);
    const log = selectedLogOf(selectionOf, nodes);
    return log && { kind: field.fastPath, argument, ...log };
  }

  function plannedEntitiesOf(nodes: readonly FieldNode[], argument: Argument): PlannedEntities | null {
    const viberLog = selectionOf('ViberLog', nodes);
    const viberMessage = selectionOf('ViberMessage', nodes) as Selection<never> | null;
    const viberRequest = selectionOf('ViberRequest', nodes);
    if (viberLog === null || viberMessage === null || viberRequest === null) return null;
    const logsOfRequest = logFieldsIn(viberRequest);
    return { kind: 'entities', argument, viberLog, notFound: null, viberMessage, viberRequest, logsOfRequest };
  }
}

function hasViews(field: PlannedField): boolean {
  if (field.kind === 'typename') return false;
  const logs: readonly SelectedLog[] = field.kind === 'entities' ? [field, ...field.logsOfRequest] : [field];
  return logs.some(({ viberLog }) => computedFieldsIn(viberLog).length > 0);
}

function hasOtherDirectives(document: DocumentNode): boolean {
  let isFound = false;
  visit(document, {
    Directive: ({ name }) => {
      if (!knownDirectives.has(name.value)) isFound = true;
    },
  });
  return isFound;
}

/** Null where the field has other arguments than the one with the ids. */
function argumentOf(node: FieldNode, definition: GraphQLField<unknown, unknown>, items: string): Argument | null {
  const [argument] = node.arguments ?? [];
  if (definition.args.length !== 1 || argument?.name.value !== items) return null;
  if (argument.value.kind === Kind.VARIABLE) {
    const name = argument.value.name.value;
    return (variables) => variables[name];
  }
  return (variables) => {
    try {
      return getArgumentValues(definition, node, variables)[items];
    } catch {
      // A null inside the list, from a nullable variable with a default: graphql-js fails the field with it.
      return null;
    }
  };
}
