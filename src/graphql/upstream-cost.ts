/**
 * What an operation may cost, before any of it is run: the number of distinct logs that it asks D7 for.
 *
 * Depth, aliases and tokens are only signs of cost. The cost itself is calls to D7, one for each distinct id, and only the
 * variables tell how many: so this is counted on the operation with its variables, not by a rule of validation.
 */
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  getArgumentValues,
  getOperationAST,
  getVariableValues,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { createFieldCollector } from './collect-fields.ts';
import { publicError } from './errors.ts';
import { requestIdIn } from './request-id.ts';

type Operation = {
  schema: GraphQLSchema;
  document: DocumentNode;
  operationName?: string | null | undefined;
  variableValues?: Readonly<Record<string, unknown>> | null | undefined;
};

/** Which ids a root field asks for, by its arguments. A field that is not here costs no call. */
const idsAskedFor: Readonly<Record<string, (args: Record<string, unknown>) => unknown[]>> = {
  viberLog: ({ requestId }) => [requestId],
  viberLogs: ({ requestIds }) => requestIds as unknown[],
  // A router's: each of them may be the key of another log.
  _entities: ({ representations }) =>
    (representations as ({ requestId?: unknown } | null)[]).map((representation) => representation?.requestId),
};

export function useUpstreamCallLimit(maxUpstreamCalls: number): Plugin {
  return {
    onExecute({ args, setResultAndStopExecution }) {
      if (distinctUpstreamCalls(args) <= maxUpstreamCalls) return;
      setResultAndStopExecution({ errors: [publicError('tooManyUpstreamCalls', { limit: maxUpstreamCalls })] });
    },
  };
}

export function distinctUpstreamCalls({ schema, document, operationName, variableValues }: Operation): number {
  const operation = getOperationAST(document, operationName);
  const rootType = operation && schema.getRootType(operation.operation);
  if (!operation || !rootType) return 0;
  // Variables that do not fit are the executor's to report: it calls nothing then.
  const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], variableValues ?? {});
  if (!coerced) return 0;

  const definitions = rootType.getFields();
  const requestIds = new Set<string>();
  const fields = createFieldCollector(schema, document, coerced)(rootType, [operation.selectionSet]);
  // Those of one name in the answer have the same arguments: validation sees to that.
  for (const [node] of fields.values() as Iterable<[FieldNode]>) {
    const field = definitions[node.name.value];
    const askedFor = field && idsAskedFor[field.name]?.(getArgumentValues(field, node, coerced));
    for (const input of askedFor ?? []) {
      const requestId = requestIdIn(String(input));
      if (requestId !== null) requestIds.add(requestId);
    }
  }
  return requestIds.size;
}
