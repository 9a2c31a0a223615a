/**
 * What an operation may cost, before any of it is run: how many items it asks for, duplicates included, and how many distinct logs.
 *
 * Depth, aliases and tokens are only signs of cost. Each distinct id is a call to D7, and each item, a duplicate too, is a log to write.
 * The number depends on the variables, so it is counted on the operation with its variables, not by a validation rule.
 */
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLError,
  type GraphQLSchema,
  getArgumentValues,
  getOperationAST,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  type ValueNode,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { createFieldCollector, fragmentsIn, type Variables } from './collect-fields.ts';
import { publicError } from './errors.ts';
import type { RootField, RootFields } from './field-kinds.ts';
import { requestIdIn } from './request-id.ts';

/** What a router sends: each of them may be the key of another log. */
const representations = 'representations';

export type CostLimits = {
  /** Ids and representations over all fields and aliases, duplicates included. */
  maxItems: number;
  /** Distinct ids. */
  maxUpstreamCalls: number;
};

export type CostedOperation = {
  schema: GraphQLSchema;
  document: DocumentNode;
  operationName?: string | null | undefined;
  variableValues?: Variables | null | undefined;
};

/** How many distinct logs the operation asks for, or why it may not run. */
export type CostOf = (operation: CostedOperation) => number | GraphQLError;

export function useOperationCost(costOf: CostOf): Plugin {
  const refuse = ({ args, setResultAndStopExecution }: Refusable) => {
    const cost = costOf(args);
    if (typeof cost !== 'number') setResultAndStopExecution({ errors: [cost] });
  };
  return { onExecute: refuse, onSubscribe: refuse };
}

type Refusable = { args: CostedOperation; setResultAndStopExecution: (result: { errors: GraphQLError[] }) => void };

export function createOperationCost(rootFields: RootFields, limits: CostLimits): CostOf {
  return (operation) => costOfOperation(operation, rootFields, limits);
}

/** No logs where the executor has something else to report and runs nothing. */
function costOfOperation(
  operation: CostedOperation,
  rootFields: RootFields,
  { maxItems, maxUpstreamCalls }: CostLimits,
): number | GraphQLError {
  const asked = askedFieldsOf(operation, rootFields);
  // The lengths first: a list that is too long is not read item by item.
  if (asked.reduce((sum, field) => sum + field.length, 0) > maxItems)
    return publicError('tooManyItems', { limit: maxItems });
  const requestIds = new Set<string>();
  for (const { areRepresentations, items } of asked) {
    for (const item of items()) {
      if (areRepresentations && !isRepresentation(item)) return publicError('representationMalformed');
      const requestId = requestIdOf(item);
      if (requestId !== null) requestIds.add(requestId);
    }
  }
  const { size } = requestIds;
  return size > maxUpstreamCalls ? publicError('tooManyUpstreamCalls', { limit: maxUpstreamCalls }) : size;
}

type AskedField = { areRepresentations: boolean; length: number; items: () => readonly unknown[] };

function askedFieldsOf(
  { schema, document, operationName, variableValues }: CostedOperation,
  rootFields: RootFields,
): AskedField[] {
  const operation = getOperationAST(document, operationName);
  const rootType = operation && schema.getRootType(operation.operation);
  if (!operation || !rootType) return [];
  const given = variableValues ?? {};
  const conditions = coerced(({ type }) => type.kind !== Kind.LIST_TYPE && !isNonNullList(type));
  if (!conditions) return [];
  let all: Variables | null | undefined;

  const definitions = rootType.getFields();
  // These fields fail (null-conditions.ts): they ask for nothing.
  const failing = new Set<FieldNode>();
  const collect = createFieldCollector(schema, fragmentsIn(document), conditions, (node) => failing.add(node));
  const fields = [...collect(rootType, [operation.selectionSet]).values()];
  // Those of one name in the response have the same arguments: validation sees to that.
  return fields
    .filter((nodes) => !nodes.some((node) => failing.has(node)))
    .flatMap(([node]) => askedFieldOf(node as FieldNode) ?? []);

  function askedFieldOf(node: FieldNode): AskedField | null {
    const definition = definitions[node.name.value];
    if (!definition || !rootType) return null;
    const { items: argument } = rootFieldOf(rootFields, rootType.name, definition.name);
    if (argument === null) return null;
    const value = node.arguments?.find(({ name }) => name.value === argument)?.value;
    return {
      areRepresentations: argument === representations,
      length: lengthOf(value, operation as OperationDefinitionNode, given),
      items() {
        if (all === undefined) all = coerced(() => true);
        return all ? itemsIn(() => getArgumentValues(definition, node, all)[argument]) : [];
      },
    };
  }

  /** Null where variables do not fit: that is the executor's to report, and it runs nothing then. */
  function coerced(isWanted: (definition: VariableDefinition) => boolean): Variables | null {
    const wanted = operation?.variableDefinitions?.filter(isWanted) ?? [];
    return getVariableValues(schema, wanted, given).coerced ?? null;
  }
}

/** Checked when the gateway starts: a field without a cost would be one without a limit. @throws Error */
function rootFieldOf(rootFields: RootFields, typeName: string, fieldName: string): RootField {
  const field = rootFields[typeName]?.[fieldName];
  if (!field) throw new Error(`The cost of the field ${typeName}.${fieldName} is not known.`);
  return field;
}

type VariableDefinition = NonNullable<OperationDefinitionNode['variableDefinitions']>[number];

function isNonNullList(type: VariableDefinition['type']): boolean {
  return type.kind === Kind.NON_NULL_TYPE && type.type.kind === Kind.LIST_TYPE;
}

/** As it was sent, before anything is coerced. A value that is no list is a list of one (specification, section 3.11). */
function lengthOf(value: ValueNode | undefined, operation: OperationDefinitionNode, given: Variables): number {
  if (value?.kind !== Kind.VARIABLE) return value?.kind === Kind.LIST ? value.values.length : 1;
  const name = value.name.value;
  const sent = Object.hasOwn(given, name) ? given[name] : undefined;
  if (sent !== undefined) return Array.isArray(sent) ? sent.length : 1;
  const definition = operation.variableDefinitions?.find(({ variable }) => variable.name.value === name);
  return definition?.defaultValue?.kind === Kind.LIST ? definition.defaultValue.values.length : 1;
}

/** An argument that does not fit fails its own field, in the executor. */
function itemsIn(argument: () => unknown): readonly unknown[] {
  try {
    const value = argument();
    return Array.isArray(value) ? value : [value];
  } catch {
    return [];
  }
}

function isRepresentation(item: unknown): boolean {
  return typeof item === 'object' && item !== null && typeof (item as { __typename?: unknown }).__typename === 'string';
}

function requestIdOf(item: unknown): string | null {
  const requestId = typeof item === 'object' && item !== null ? (item as { requestId?: unknown }).requestId : item;
  return typeof requestId === 'string' ? requestIdIn(requestId) : null;
}
