/**
 * What an operation may cost, before any of it is run: the number of distinct logs that it asks D7 for.
 *
 * Depth, aliases and tokens are only signs of cost. The cost itself is calls to D7, one for each distinct id, and only the
 * variables tell how many: so this is counted on the operation with its variables, not by a rule of validation.
 */
import {
  type DocumentNode,
  type FieldNode,
  GraphQLIncludeDirective,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getArgumentValues,
  getDirectiveValues,
  getOperationAST,
  getVariableValues,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
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

  const fields = rootType.getFields();
  const requestIds = new Set<string>();
  for (const node of includedFields(operation.selectionSet, document, coerced, new Set())) {
    const field = fields[node.name.value];
    const askedFor = field && idsAskedFor[field.name]?.(getArgumentValues(field, node, coerced));
    for (const input of askedFor ?? []) {
      const requestId = requestIdIn(String(input));
      if (requestId !== null) requestIds.add(requestId);
    }
  }
  return requestIds.size;
}

/** What a document can cost at most: one call for each field that asks for one id, and no bound where one takes a list. */
export function mostUpstreamCalls(document: DocumentNode): number {
  let most = 0;
  visit(document, {
    Field({ name }) {
      if (name.value in idsAskedFor) most += name.value === 'viberLog' ? 1 : Number.POSITIVE_INFINITY;
    },
  });
  return most;
}

/** The fields of a selection, through its fragments. A fragment is walked once: its second time asks for the same ids. */
function* includedFields(
  selectionSet: SelectionSetNode,
  document: DocumentNode,
  variables: Record<string, unknown>,
  walked: Set<string>,
): Generator<FieldNode> {
  for (const selection of selectionSet.selections) {
    if (!isIncluded(selection, variables)) continue;
    if (selection.kind === Kind.FIELD) yield selection;
    else {
      const inner =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : fragmentOnce(selection.name.value, document, walked);
      if (inner) yield* includedFields(inner.selectionSet, document, variables, walked);
    }
  }
}

function fragmentOnce(name: string, document: DocumentNode, walked: Set<string>) {
  if (walked.has(name)) return undefined;
  walked.add(name);
  return document.definitions.find((node) => node.kind === Kind.FRAGMENT_DEFINITION && node.name.value === name) as
    | { selectionSet: SelectionSetNode }
    | undefined;
}

function isIncluded(selection: SelectionNode, variables: Record<string, unknown>): boolean {
  if (!selection.directives?.length) return true;
  const skip = getDirectiveValues(GraphQLSkipDirective, selection, variables);
  const include = getDirectiveValues(GraphQLIncludeDirective, selection, variables);
  return skip?.if !== true && include?.if !== false;
}
