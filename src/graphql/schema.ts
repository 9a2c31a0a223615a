/**
 * The executable schema: schema/*.graphql joined with the resolvers.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { createSchema } from 'graphql-yoga';
import type { OperationContext } from './context.ts';
import { expectCosts } from './operation-cost.ts';
import { resolvers } from './resolvers.ts';

const schemaFolder = new URL('../../schema/', import.meta.url);

export function createViberLogSchema() {
  return expectCosts(createSchema<OperationContext>({ typeDefs: viberLogTypeDefs(), resolvers }));
}

export function viberLogTypeDefs(): string[] {
  return readdirSync(schemaFolder)
    .filter((name) => name.endsWith('.graphql'))
    .toSorted()
    .map((name) => readFileSync(new URL(name, schemaFolder), 'utf8'));
}
