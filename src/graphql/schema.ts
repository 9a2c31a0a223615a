/**
 * The executable schema: schema/*.graphql joined with the resolvers.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { GraphQLSchema } from 'graphql';
import { createSchema } from 'graphql-yoga';
import type { OperationContext } from './context.ts';
import { expectKnownFields } from './field-check.ts';
import type { RootFields } from './field-kinds.ts';
import { rootFields } from './fields.ts';
import { resolvers } from './resolvers.ts';

const schemaFolder = new URL('../../schema/', import.meta.url);

/** A schema, and what its root fields cost. */
export type ViberLogSchema = { schema: GraphQLSchema; rootFields: RootFields };

export function createViberLogSchema(): ViberLogSchema {
  const schema = createSchema<OperationContext>({ typeDefs: viberLogTypeDefs(), resolvers });
  return { schema: expectKnownFields(schema, rootFields), rootFields };
}

export function viberLogTypeDefs(): string[] {
  return readdirSync(schemaFolder)
    .filter((name) => name.endsWith('.graphql'))
    .toSorted()
    .map((name) => readFileSync(new URL(name, schemaFolder), 'utf8'));
}
