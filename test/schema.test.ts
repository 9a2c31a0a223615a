/** The public schema: pinned, and told in full. */
import { isEnumType, isInputObjectType, isInterfaceType, isObjectType, printSchema } from 'graphql';
import { expect, it } from 'vitest';
import { createViberLogSchema } from '../src/graphql/schema.ts';

const { schema } = createViberLogSchema();

it('is the one that callers know', async () => {
  await expect(printSchema(schema)).toMatchFileSnapshot('__snapshots__/schema.graphql');
});

it('describes every type, field, argument and enum value', () => {
  const own = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'));
  const described = own.flatMap((type) => [type, ...partsOf(type)]).filter(({ name }) => !isBuiltInScalar(name));
  expect(described.length).toBeGreaterThan(30);
  expect(described.filter(({ description }) => !description?.trim())).toEqual([]);
});

it('has nullable root fields, so that one failure leaves its neighbours alone', () => {
  const fields = Object.values(schema.getQueryType()?.getFields() ?? {});
  expect(fields.map(({ name, type }) => `${name}: ${type}`)).toEqual([
    'viberLog: ViberLogResult',
    'viberLogs: [ViberLogResult]',
  ]);
});

type Described = { name: string; description?: string | null | undefined };

function partsOf(type: unknown): Described[] {
  if (isEnumType(type)) return [...type.getValues()];
  if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) return [];
  return Object.values(type.getFields()).flatMap((field) => [field, ...('args' in field ? field.args : [])]);
}

function isBuiltInScalar(name: string): boolean {
  return ['String', 'Int', 'Float', 'Boolean', 'ID'].includes(name);
}
