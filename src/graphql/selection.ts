/**
 * What a selection asks of an object, in the order of the response, where the field table knows how to write all of it.
 */
import { type FieldNode, type GraphQLObjectType, type GraphQLSchema, getArgumentValues } from 'graphql';
import { createFieldCollector, type Fragments, type Variables } from './collect-fields.ts';
import type { Field, Selected, SelectedLog, SelectedLogField, Selection } from './field-kinds.ts';
import { type FederatedSources, federatedFields, fields, type Sources } from './fields.ts';

type AllSources = Sources & FederatedSources;
const tables = { ...fields, ...federatedFields };

export type Selector = <Type extends keyof AllSources>(
  typeName: Type,
  nodes: readonly FieldNode[],
) => Selection<AllSources[Type]> | null;

/**
 * The selector answers null where graphql-js has to execute a field: one that the table leaves to it, or one whose arguments do not fit,
 * which it reports.
 */
export function createSelector(schema: GraphQLSchema, fragments: Fragments, variables: Variables): Selector {
  const collect = createFieldCollector(schema, fragments, variables);

  function selectionOf<Type extends keyof AllSources>(typeName: Type, nodes: readonly FieldNode[]) {
    // TypeScript does not see that the name of the type and the source of its fields belong together.
    const table = tables[typeName] as unknown as Readonly<Record<string, Field<AllSources[Type]>>>;
    const type = schema.getType(typeName) as GraphQLObjectType;
    const selectionSets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const selection: Selected<AllSources[Type]>[] = [];
    for (const [key, selected] of collect(type, selectionSets)) {
      const name = selected[0]?.name.value ?? '';
      const field =
        name === '__typename' ? ({ kind: 'typename', typeName } as const) : fieldOf(type, table, name, selected);
      if (field === null) return null;
      selection.push({ key, ...field });
    }
    return selection;
  }

  function fieldOf<Source>(
    type: GraphQLObjectType,
    table: Readonly<Record<string, Field<Source>>>,
    name: string,
    nodes: readonly FieldNode[],
  ) {
    const field = Object.hasOwn(table, name) ? table[name] : undefined;
    if (field === undefined) return null;
    switch (field.kind) {
      case 'leaf':
      case 'column':
        return field;
      case 'messages': {
        const selection = selectionOf('ViberMessage', nodes);
        const given = givenTo(type, name, nodes);
        const { kind, read } = field;
        if (selection === null || given === null) return null;
        const isComputed = hasAny(given);
        return { kind, isComputed, nodes, read: (source: Source) => read(source, given), selection } as const;
      }
      case 'message': {
        const selection = selectionOf('ViberMessage', nodes);
        return selection && ({ ...field, selection } as const);
      }
      case 'object': {
        const selection = selectionOf(field.type as keyof Sources, nodes) as Selection<unknown> | null;
        const given = givenTo(type, name, nodes);
        const { kind, read } = field;
        if (selection === null || given === null) return null;
        const isComputed = hasAny(field.arguments);
        return { kind, isComputed, nodes, read: (source: Source) => read(source, given), selection } as const;
      }
      case 'list': {
        const selection = selectionOf(field.type as keyof Sources, nodes) as Selection<unknown> | null;
        const { kind, read } = field;
        return selection && ({ kind, read, selection } as const);
      }
      case 'log': {
        const log = selectedLogOf(selectionOf, nodes);
        return log && ({ ...field, nodes, ...log } as const);
      }
      case 'graphql-js':
        return null;
    }
  }

  /** Null where the arguments do not fit. Those of all nodes are equal: validation sees to that. */
  function givenTo(
    type: GraphQLObjectType,
    name: string,
    [node]: readonly FieldNode[],
  ): Record<string, unknown> | null {
    const definition = type.getFields()[name];
    if (definition === undefined || node === undefined) return null;
    try {
      return getArgumentValues(definition, node, variables);
    } catch {
      return null;
    }
  }

  return selectionOf;
}

/** Of the union that a read is. */
export function selectedLogOf(selectionOf: Selector, nodes: readonly FieldNode[]): SelectedLog | null {
  const viberLog = selectionOf('ViberLog', nodes);
  const notFound = selectionOf('NotFound', nodes);
  return viberLog && notFound && { viberLog, notFound };
}

/** The logs that are read for an object. */
export function logFieldsIn<Source>(selection: Selection<Source>) {
  return selection.filter(({ kind }) => kind === 'log') as ({ key: string } & SelectedLogField<Source>)[];
}

/** The fields that take long or can fail: they are computed before anything is written. */
export function computedFieldsIn<Source>(selection: Selection<Source>) {
  return selection.filter((selected) => 'isComputed' in selected && selected.isComputed) as ComputedField<Source>[];
}
type ComputedField<Source> = Extract<Selected<Source>, { isComputed: boolean }>;

function hasAny(given: object): boolean {
  return Object.keys(given).length > 0;
}
