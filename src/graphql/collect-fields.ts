/**
 * Which fields a selection asks for, through its fragments and without what `@skip` and `@include` leave out: CollectFields of the
 * specification (section 6.3.2), which graphql-js does not export.
 */
import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getDirectiveValues,
  type InlineFragmentNode,
  isAbstractType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  typeFromAST,
} from 'graphql';

export type Variables = Readonly<Record<string, unknown>>;

/** By their names in the answer, in the order of the document. */
type Fields = Map<string, FieldNode[]>;
type CollectFields = (type: GraphQLObjectType, selectionSets: readonly SelectionSetNode[]) => Fields;

export type Fragments = Readonly<Record<string, FragmentDefinitionNode>>;

export function fragmentsIn({ definitions }: DocumentNode): Fragments {
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null);
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
  }
  return fragments;
}

/** Called for each field that a null in `@skip` or `@include` is about: its own, or that of a fragment around it. */
type OnNullCondition = (field: FieldNode, fault: GraphQLError) => void;

/** Without `onNullCondition`, the collector throws a GraphQLError in its place. */
export function createFieldCollector(
  schema: GraphQLSchema,
  fragments: Fragments,
  variables: Variables,
  onNullCondition?: OnNullCondition,
): CollectFields {
  return (type, selectionSets) => {
    const fields: Fields = new Map();
    const walked = new Set<FragmentDefinitionNode>();
    for (const { selections } of selectionSets) collectInto(fields, walked, type, selections);
    return fields;
  };

  function collectInto(
    fields: Fields,
    walked: Set<FragmentDefinitionNode>,
    type: GraphQLObjectType,
    selections: readonly SelectionNode[],
    faultAround?: GraphQLError,
  ): void {
    for (const selection of selections) {
      const condition = conditionOf(selection);
      if (condition === false) continue;
      const fault = faultAround ?? (condition === true ? undefined : condition);
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        fields.set(key, [...(fields.get(key) ?? []), selection]);
        if (fault) onNullCondition?.(selection, fault);
      } else {
        const fragment =
          selection.kind === Kind.FRAGMENT_SPREAD ? fragmentOnce(selection.name.value, walked) : selection;
        if (fragment && appliesTo(type, fragment))
          collectInto(fields, walked, type, fragment.selectionSet.selections, fault);
      }
    }
  }

  /** Whether a selection is included, or why that cannot be known. */
  function conditionOf(selection: SelectionNode): boolean | GraphQLError {
    try {
      return isIncluded(selection, variables);
    } catch (error) {
      if (onNullCondition && error instanceof GraphQLError) return error;
      throw error;
    }
  }

  /** The second time it would add nothing. */
  function fragmentOnce(name: string, walked: Set<FragmentDefinitionNode>): FragmentDefinitionNode | undefined {
    const fragment = fragments[name];
    if (!fragment || walked.has(fragment)) return undefined;
    walked.add(fragment);
    return fragment;
  }

  function appliesTo(type: GraphQLObjectType, { typeCondition }: FragmentDefinitionNode | InlineFragmentNode): boolean {
    if (!typeCondition) return true;
    const condition = typeFromAST(schema, typeCondition);
    return condition === type || (isAbstractType(condition) && schema.isSubType(condition, type));
  }
}

function isIncluded(selection: SelectionNode, variables: Variables): boolean {
  if (!selection.directives?.length) return true;
  const skip = getDirectiveValues(GraphQLSkipDirective, selection, variables);
  const include = getDirectiveValues(GraphQLIncludeDirective, selection, variables);
  return skip?.if !== true && include?.if !== false;
}
