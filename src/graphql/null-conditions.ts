/**
 * A null in `@skip` or `@include` of a root field is an error of that field, with its path; the other fields have their data.
 *
 * A nullable variable with a default may be null there (specification of October 2021, section 5.8.5). A null in an argument fails its
 * field then (section 6.4.1). graphql-js treats a directive within an object likewise, but at the root it fails the whole operation, with
 * an error without a path.
 */
import {
  type DocumentNode,
  type FieldNode,
  GraphQLError,
  type GraphQLObjectType,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  isNonNullType,
  type OperationDefinitionNode,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { createFieldCollector, fragmentsIn, type Variables } from './collect-fields.ts';
import { isStream } from './operation-log.ts';

type Execution = {
  schema: GraphQLSchema;
  document: DocumentNode;
  operationName?: string | null | undefined;
  variableValues?: Variables | null | undefined;
};

type Result = { data?: Record<string, unknown> | null; errors?: readonly GraphQLError[] };

/** By their names in the response, in its order. */
type RootFields = {
  rootType: GraphQLObjectType;
  operation: OperationDefinitionNode;
  all: ReadonlyMap<string, readonly FieldNode[]>;
  failed: ReadonlyMap<string, GraphQLError>;
};

export function useNullConditions(): Plugin {
  return {
    onExecute({ args, executeFn, setExecuteFn }) {
      const variables: object = args.variableValues ?? {};
      if (!Object.values(variables).includes(null)) return;
      const fields = rootFieldsOf(args);
      if (fields === null || fields.failed.size === 0) return;
      const document = documentWithout(args.document, fields);
      setExecuteFn(async (given) => {
        const result = await executeFn({ ...given, document });
        return isStream(result) ? result : withFailures(result as Result, fields);
      });
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const fields = rootFieldsOf(args);
      if (fields === null || (fields.all.size > 0 && fields.failed.size === 0)) return;
      const [error = new GraphQLError('The subscription has no field that is included.')] = fields.failed.values();
      setResultAndStopExecution({ errors: [error] });
    },
  };
}

/** Null where the executor has something else to report, and runs nothing. */
function rootFieldsOf({ schema, document, operationName, variableValues }: Execution): RootFields | null {
  const operation = getOperationAST(document, operationName);
  const rootType = operation && schema.getRootType(operation.operation);
  if (!operation || !rootType) return null;
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variableValues ?? {});
  if (!coerced) return null;
  const faults = new Map<FieldNode, GraphQLError>();
  const onFault = (field: FieldNode, fault: GraphQLError) => void faults.set(field, fault);
  const all = createFieldCollector(schema, fragmentsIn(document), coerced, onFault)(rootType, [operation.selectionSet]);
  const failed = new Map<string, GraphQLError>();
  for (const [key, nodes] of all) {
    const fault = nodes.map((node) => faults.get(node)).find((found) => found !== undefined);
    if (fault) failed.set(key, new GraphQLError(fault.message, { nodes, path: [key] }));
  }
  return { rootType, operation, all, failed };
}

function documentWithout(document: DocumentNode, { operation, all, failed }: RootFields): DocumentNode {
  const selections = [...all].flatMap(([key, nodes]) => (failed.has(key) ? [] : nodes));
  const shortened = { ...operation, selectionSet: { ...operation.selectionSet, selections } };
  return { ...document, definitions: document.definitions.map((one) => (one === operation ? shortened : one)) };
}

function withFailures({ data, errors = [] }: Result, { rootType, all, failed }: RootFields): Result {
  // The operation was not run.
  if (data === undefined) return { errors };
  const together = [...failed.values(), ...errors];
  // A field that may not be null makes the data null (specification, section 6.4.4).
  if (data === null || [...failed.keys()].some((key) => !isNullable(all.get(key)?.[0], rootType)))
    return { errors: together, data: null };
  const entries = [...all.keys()].map((key) => [key, failed.has(key) ? null : data[key]]);
  return { errors: together, data: Object.fromEntries(entries) };
}

function isNullable(node: FieldNode | undefined, rootType: GraphQLObjectType): boolean {
  const field = node && rootType.getFields()[node.name.value];
  // `__typename` is not among them: it is a String!.
  return field !== undefined && !isNonNullType(field.type);
}
