/**
 * Counts what makes a document expensive to validate or to execute, before either begins: aliases, directives, depth and repeated
 * fields, whatever the field and whether it exists. Each fragment is counted once and its counts are reused, so the time is linear
 * in the document and not in what its fragments expand to.
 */
import {
  type ConstDirectiveNode,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { publicError } from './errors.ts';

export type ShapeLimits = {
  maxDepth: number;
  maxAliases: number;
  maxDirectives: number;
  /** How often one selection set may hold fields with the same response key. */
  maxRepeatedFields: number;
};

/** The counts of a selection set, with its fragments expanded. */
type Shape = { aliases: number; directives: number; depth: number };
type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

const empty: Shape = { aliases: 0, directives: 0, depth: 0 };
/** An ordinary document merges as many selections as it has. Only one that is built to multiply reaches this number. */
const maxMergedSelections = 50_000;

/** @throws GraphQLError with the code of the first limit that the document exceeds. */
export function checkShape(document: DocumentNode, limits: ShapeLimits): void {
  const fragments = fragmentsOf(document);
  const shapeOf = createShapeCounter(fragments);
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    checkCounts(shapeOf(definition), limits);
    checkRepeatedFields(definition.selectionSet, fragments, limits.maxRepeatedFields);
  }
}

function fragmentsOf({ definitions }: DocumentNode): Fragments {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  return fragments;
}

function checkCounts({ aliases, directives, depth }: Shape, limits: ShapeLimits): void {
  if (depth > limits.maxDepth) throw publicError('tooDeep', { limit: limits.maxDepth });
  if (aliases > limits.maxAliases) throw publicError('tooManyAliases', { limit: limits.maxAliases });
  if (directives > limits.maxDirectives) throw publicError('tooManyDirectives', { limit: limits.maxDirectives });
}

function createShapeCounter(fragments: Fragments) {
  /** An unfinished fragment counts as empty: validation refuses a cycle. */
  const known = new Map<string, Shape>();

  function shapeOfOperation({ directives, variableDefinitions = [], selectionSet }: OperationDefinitionNode): Shape {
    const shape = shapeOfSet(selectionSet);
    const ofVariables = variableDefinitions.reduce((sum, variable) => sum + countOf(variable.directives), 0);
    return { ...shape, directives: shape.directives + countOf(directives) + ofVariables };
  }

  function shapeOfSet(selectionSet: SelectionSetNode | undefined): Shape {
    const sum = { ...empty };
    for (const selection of selectionSet?.selections ?? []) {
      const inner = shapeOfSelection(selection);
      sum.aliases += inner.aliases;
      sum.directives += inner.directives + countOf(selection.directives);
      sum.depth = Math.max(sum.depth, 1 + inner.depth);
    }
    return sum;
  }

  function shapeOfSelection(selection: SelectionNode): Shape {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return shapeOfFragment(selection.name.value);
    const inner = shapeOfSet(selection.selectionSet);
    if (selection.kind === Kind.INLINE_FRAGMENT) return inner;
    const aliases = inner.aliases + (selection.alias ? 1 : 0);
    // GraphiQL's introspection is deeper than any query; graphql-js has a rule of its own for its depth.
    return { ...inner, aliases, depth: selection.name.value === '__schema' ? 0 : inner.depth };
  }

  function shapeOfFragment(name: string): Shape {
    const shape = known.get(name);
    if (shape) return shape;
    known.set(name, empty);
    const fragment = fragments.get(name);
    if (!fragment) return empty;
    const counted = shapeOfSet(fragment.selectionSet);
    counted.directives += countOf(fragment.directives);
    known.set(name, counted);
    return counted;
  }

  return shapeOfOperation;
}

function countOf(directives: readonly (DirectiveNode | ConstDirectiveNode)[] | undefined): number {
  return directives?.length ?? 0;
}

/**
 * Merges selection sets as CollectFields does (specification, section 6.3.2), whatever their types: each fragment once for each set,
 * and the sub-selections of fields with one response key together.
 */
function checkRepeatedFields(selectionSet: SelectionSetNode, fragments: Fragments, maxRepeatedFields: number): void {
  const numbers = new Map<SelectionSetNode, number>();
  const merged = new Set<string>();
  let selections = 0;
  mergeSets([selectionSet]);

  function mergeSets(sets: readonly SelectionSetNode[]): void {
    const key = sets.map(numberOf).join();
    if (merged.has(key)) return;
    merged.add(key);
    const fields = new Map<string, FieldNode[]>();
    const spread = new Set<string>();
    for (const set of sets) collectInto(fields, spread, set);
    for (const nodes of fields.values()) {
      if (nodes.length > maxRepeatedFields) throw tooManyRepeatedFields();
      const inner = nodes.flatMap((node) => node.selectionSet ?? []);
      if (inner.length > 0) mergeSets(inner);
    }
  }

  function collectInto(fields: Map<string, FieldNode[]>, spread: Set<string>, set: SelectionSetNode): void {
    for (const selection of set.selections) {
      selections += 1;
      if (selections > maxMergedSelections) throw tooManyRepeatedFields();
      if (selection.kind === Kind.FIELD) {
        const key = (selection.alias ?? selection.name).value;
        const nodes = fields.get(key);
        if (nodes) nodes.push(selection);
        else fields.set(key, [selection]);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        collectInto(fields, spread, selection.selectionSet);
      } else if (!spread.has(selection.name.value)) {
        spread.add(selection.name.value);
        const fragment = fragments.get(selection.name.value);
        if (fragment) collectInto(fields, spread, fragment.selectionSet);
      }
    }
  }

  function numberOf(set: SelectionSetNode): number {
    const number = numbers.get(set) ?? numbers.size;
    numbers.set(set, number);
    return number;
  }

  function tooManyRepeatedFields() {
    return publicError('tooManyRepeatedFields', { limit: maxRepeatedFields });
  }
}
