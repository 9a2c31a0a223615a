/**
 * What a query asks of logs, laid out once for all its runs: which ids, and which fields in which order under which names.
 *
 * A plan knows what the field table knows how to write, and nothing else: with any other field, argument or directive a query has no plan,
 * and graphql-js executes it. Making a plan costs less than validating its document, so a client gains nothing by sending new ones.
 */
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLSchema,
  getArgumentValues,
  getOperationAST,
  Kind,
  visit,
} from 'graphql';
import type { LogResult, NoSuchLogResult } from '../../d7/read-result.ts';
import { createFieldCollector, fragmentsIn, type Variables } from '../collect-fields.ts';
import type { RootField, Selection } from '../field-kinds.ts';
import { rootFields } from '../fields.ts';
import { computedFieldsIn, createSelector } from '../selection.ts';

export type ExecutionPlan = {
  fields: readonly PlannedField[];
  /** Whether a field of a log takes long to compute: computed-views.ts does that before anything is written. */
  hasViews: boolean;
};

export type PlannedField = {
  /** Its name in the response. */
  key: string;
  /** Its nodes in the document. */
  nodes: readonly FieldNode[];
} & ({ kind: 'typename' } | PlannedRead);

export type PlannedRead = {
  kind: 'one' | 'several';
  /** The value of its one argument: an id, or a list of them. */
  argument: (variables: Variables) => unknown;
  /** By the member of the union that the result is. */
  viberLog: Selection<LogResult>;
  notFound: Selection<NoSuchLogResult>;
};

const plannedFields: Readonly<Record<string, RootField>> = rootFields.Query;
/** The field collector executes these. */
const knownDirectives = new Set(['skip', 'include']);

/** @param variables decide `@skip` and `@include`: with others there may be another plan. */
export function executionPlanOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: Variables,
): ExecutionPlan | null {
  const operation = getOperationAST(document, operationName);
  const queryType = schema.getQueryType();
  if (operation?.operation !== 'query' || !queryType || hasOtherDirectives(document)) return null;
  const fragments = fragmentsIn(document);
  const collect = createFieldCollector(schema, fragments, variables);
  const selectionOf = createSelector(schema, fragments, variables);
  const definitions = queryType.getFields();
  const fields: PlannedField[] = [];
  for (const [key, nodes] of collect(queryType, [operation.selectionSet])) {
    const planned = plannedFieldOf(nodes);
    if (planned === null) return null;
    fields.push({ key, nodes, ...planned });
  }
  return { fields, hasViews: fields.some((field) => field.kind !== 'typename' && hasViews(field)) };

  function plannedFieldOf(nodes: readonly FieldNode[]): { kind: 'typename' } | PlannedRead | null {
    const [node] = nodes as [FieldNode];
    const name = node.name.value;
    if (name === '__typename') return { kind: 'typename' };
    const field = Object.hasOwn(plannedFields, name) ? plannedFields[name] : undefined;
    const definition = definitions[name];
    if (!field?.fastPath || field.items === null || !definition) return null;
    const argument = argumentOf(node, definition, field.items);
    const viberLog = selectionOf('ViberLog', nodes);
    const notFound = selectionOf('NotFound', nodes);
    return argument && viberLog && notFound && { kind: field.fastPath, argument, viberLog, notFound };
  }
}

function hasViews({ viberLog }: PlannedRead): boolean {
  return computedFieldsIn(viberLog).length > 0;
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
function argumentOf(
  node: FieldNode,
  definition: GraphQLField<unknown, unknown>,
  items: string,
): PlannedRead['argument'] | null {
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
