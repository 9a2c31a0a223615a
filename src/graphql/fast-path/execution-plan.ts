/**
 * What a query asks of logs, laid out once and for all its runs: which ids, and which fields in which order under which names.
 *
 * Only what the gateway is for has a plan: `viberLog` and `viberLogs`. A query that asks for anything else, or for a field that
 * is not listed here, has none, and is executed by graphql-js like any other. To make a plan costs less than to validate its
 * document, so strangers gain nothing by sending new ones.
 */
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  getArgumentValues,
  getOperationAST,
  Kind,
} from 'graphql';
import { createFieldCollector, type Fragments, fragmentsIn, type Variables } from '../collect-fields.ts';

export type ExecutionPlan = { fields: readonly RootField[] };

export type RootField = {
  /** Its name in the answer. */
  key: string;
  /** Where it stands in the document. */
  nodes: readonly FieldNode[];
  name: 'viberLog' | 'viberLogs' | '__typename';
  /** Its one argument: an id, or a list of them. */
  argument: (variables: Variables) => unknown;
  /** By the member of the union that it turns out to be. */
  viberLog: Selection;
  notFound: Selection;
};

export type Selection = readonly Selected[];

type Selected = {
  key: string;
  name: string;
  /** What is asked of each message. */
  messages?: Selection;
};

/** All that a plan knows how to answer; a schema that has more is answered by graphql-js. */
export const plannedFields = {
  ViberLog: ['requestId', 'totalRecipients', 'channel', 'fetchedAt', 'messages'],
  NotFound: ['requestId', 'code', 'message'],
  ViberMessage: [
    'requestId',
    'msgId',
    'country',
    'recipient',
    'status',
    'rawStatus',
    'numberOfViberMessage',
    'viberCost',
    'scheduleTime',
  ],
} as const;

type PlannedType = keyof typeof plannedFields;

/** @param variables by them `@skip` and `@include` decide: with others there may be another plan. */
export function executionPlanOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operationName: string | null | undefined,
  variables: Variables,
): ExecutionPlan | null {
  const operation = getOperationAST(document, operationName);
  const queryType = schema.getQueryType();
  if (operation?.operation !== 'query' || !queryType) return null;
  const fragments = fragmentsIn(document);
  const collect = createFieldCollector(schema, fragments, variables);
  const selectionOf = createSelector(schema, fragments, variables);
  const fields: RootField[] = [];
  for (const [key, nodes] of collect(queryType, [operation.selectionSet])) {
    const field = rootFieldOf(key, nodes);
    if (field === null) return null;
    fields.push(field);
  }
  return { fields };

  function rootFieldOf(key: string, nodes: readonly FieldNode[]): RootField | null {
    const [first] = nodes as [FieldNode];
    const name = first.name.value;
    if (name === '__typename') return { key, nodes, name, argument: () => null, viberLog: [], notFound: [] };
    if (name !== 'viberLog' && name !== 'viberLogs') return null;
    const viberLog = selectionOf('ViberLog', nodes);
    const notFound = selectionOf('NotFound', nodes);
    return viberLog && notFound && { key, nodes, name, argument: argumentOf(first), viberLog, notFound };
  }

  function argumentOf(node: FieldNode): RootField['argument'] {
    const [argument] = node.arguments ?? [];
    const definition = queryType?.getFields()[node.name.value];
    if (argument?.value.kind === Kind.VARIABLE) {
      const name = argument.value.name.value;
      return (given) => given[name];
    }
    return (given) => {
      try {
        return definition && getArgumentValues(definition, node, given)[argument?.name.value ?? ''];
      } catch {
        // A null inside the list, from a nullable variable with a default: graphql-js fails the field with it.
        return null;
      }
    };
  }
}

/** What is selected of an object of one of our types, as it is written. Null where a field is not planned for. */
export function createSelector(schema: GraphQLSchema, fragments: Fragments, variables: Variables) {
  const collect = createFieldCollector(schema, fragments, variables);

  function selectionOf(typeName: PlannedType, nodes: readonly FieldNode[]): Selection | null {
    const known: readonly string[] = plannedFields[typeName];
    const selectionSets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const selection: Selected[] = [];
    for (const [key, selected] of collect(schema.getType(typeName) as GraphQLObjectType, selectionSets)) {
      const name = selected[0]?.name.value ?? '';
      if (name !== '__typename' && !known.includes(name)) return null;
      const messages = name === 'messages' ? selectionOf('ViberMessage', selected) : undefined;
      if (messages === null) return null;
      selection.push(messages ? { key, name, messages } : { key, name });
    }
    return selection;
  }

  return selectionOf;
}
