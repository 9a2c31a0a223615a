/**
 * What a selection asks of an object, in the order of the response, where the field table knows how to write all of it.
 */
import type { FieldNode, GraphQLObjectType, GraphQLSchema } from 'graphql';
import type { LogResult, NoSuchLogResult } from '../d7/read-result.ts';
import { createFieldCollector, type Fragments, type Variables } from './collect-fields.ts';
import type { Field, Selected, Selection } from './field-kinds.ts';
import { fields } from './fields.ts';

type Sources = { ViberLog: LogResult; NotFound: NoSuchLogResult; ViberMessage: never };

export type Selector = <Type extends keyof Sources>(
  typeName: Type,
  nodes: readonly FieldNode[],
) => Selection<Sources[Type]> | null;

/** The selector answers null where graphql-js has to execute a field: one with arguments, or one that the table leaves to it. */
export function createSelector(schema: GraphQLSchema, fragments: Fragments, variables: Variables): Selector {
  const collect = createFieldCollector(schema, fragments, variables);

  function selectionOf<Type extends keyof Sources>(typeName: Type, nodes: readonly FieldNode[]) {
    // TypeScript does not see that the name of the type and the source of its fields belong together.
    const table = fields[typeName] as unknown as Readonly<Record<string, Field<Sources[Type]>>>;
    const selectionSets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    const selection: Selected<Sources[Type]>[] = [];
    for (const [key, selected] of collect(schema.getType(typeName) as GraphQLObjectType, selectionSets)) {
      const name = selected[0]?.name.value ?? '';
      const field = name === '__typename' ? ({ kind: 'typename', typeName } as const) : fieldOf(table, name, selected);
      if (field === null) return null;
      selection.push({ key, ...field });
    }
    return selection;
  }

  function fieldOf<Source>(table: Readonly<Record<string, Field<Source>>>, name: string, nodes: readonly FieldNode[]) {
    const field = Object.hasOwn(table, name) ? table[name] : undefined;
    if (field === undefined || nodes.some((node) => (node.arguments ?? []).length > 0)) return null;
    switch (field.kind) {
      case 'leaf':
      case 'column':
        return field;
      case 'messages': {
        const selection = selectionOf('ViberMessage', nodes);
        return selection && ({ kind: 'messages', selection } as const);
      }
      case 'graphql-js':
        return null;
    }
  }

  return selectionOf;
}
