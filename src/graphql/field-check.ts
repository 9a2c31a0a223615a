/**
 * Compares the field table with the schema when the gateway starts: a field or an argument that the table does not know would cost
 * nothing, or be ignored, and its response would be wrong.
 */
import {
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isObjectType,
} from 'graphql';
import type { Field, RootFields } from './field-kinds.ts';
import { fields } from './fields.ts';

type Tables = Readonly<Record<string, Readonly<Record<string, Field<never>>>>>;

/** @throws Error naming the first field that does not fit. */
export function expectKnownFields(
  schema: GraphQLSchema,
  rootFields: RootFields,
  tables: Tables = fields,
): GraphQLSchema {
  for (const rootType of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
    for (const field of fieldsIn(rootType)) expectRootField(rootType as GraphQLObjectType, field, rootFields);
  }
  for (const [typeName, table] of Object.entries(tables)) {
    const type = schema.getType(typeName);
    if (!isObjectType(type)) throw new Error(`The schema has no type ${typeName}, which the field table has.`);
    for (const field of fieldsIn(type)) expectField(type, field, table);
  }
  return schema;
}

function fieldsIn(type: GraphQLObjectType | null | undefined): GraphQLField<unknown, unknown>[] {
  return Object.values(type?.getFields() ?? {});
}

function expectRootField(
  type: GraphQLObjectType,
  { name, args }: GraphQLField<unknown, unknown>,
  rootFields: RootFields,
): void {
  const table = rootFields[type.name] ?? {};
  const field = Object.hasOwn(table, name) ? table[name] : undefined;
  if (!field)
    throw new Error(`The cost of the field ${type.name}.${name} is not known: the field table does not have it.`);
  const { items, fastPath } = field;
  if (items !== null && !args.some((argument) => argument.name === items)) {
    throw new Error(`The field ${type.name}.${name} has no argument ${items}, which holds its items.`);
  }
  if (fastPath && args.length !== 1) {
    throw new Error(
      `The field ${type.name}.${name} has arguments that the fast path does not know: remove its fastPath.`,
    );
  }
}

function expectField(
  type: GraphQLObjectType,
  { name, args, type: valueType }: GraphQLField<unknown, unknown>,
  table: Readonly<Record<string, Field<never>>>,
): void {
  const field = Object.hasOwn(table, name) ? table[name] : undefined;
  if (!field) throw new Error(`The field ${type.name}.${name} is not in the field table.`);
  if (field.kind === 'graphql-js') return;
  const expected = 'arguments' in field ? Object.keys(field.arguments) : [];
  const strange = args.find((argument) => !expected.includes(argument.name));
  if (strange) throw new Error(`The field table does not know the argument ${strange.name} of ${type.name}.${name}.`);
  const valueTypeName = getNamedType(valueType).name;
  const tableTypeName = typeNameOf(field);
  if (tableTypeName === null ? !isLeafType(getNamedType(valueType)) : tableTypeName !== valueTypeName) {
    throw new Error(
      `The field ${type.name}.${name} is of type ${valueTypeName}, and of ${tableTypeName ?? 'a leaf type'} in the field table.`,
    );
  }
}

/** Null for a field without a selection. */
function typeNameOf(field: Exclude<Field<never>, { kind: 'graphql-js' }>): string | null {
  switch (field.kind) {
    case 'leaf':
    case 'column':
      return null;
    case 'messages':
    case 'message':
      return 'ViberMessage';
    case 'log':
      return 'ViberLogResult';
    case 'object':
    case 'list':
      return field.type;
  }
}
