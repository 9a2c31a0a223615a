/**
 * The executable schema: schema/*.graphql joined with the resolvers.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { GraphQLError, GraphQLID, type GraphQLSchema } from 'graphql';
import { createSchema } from 'graphql-yoga';
import type { OperationContext } from './context.ts';
import { expectKnownFields } from './field-check.ts';
import type { RootFields } from './field-kinds.ts';
import { rootFields } from './fields.ts';
import { resolvers } from './resolvers.ts';

/**
 * JavaScript has rounded a larger number by now: it would be another id. Every schema shares graphql-js's `ID`, and the tools that build
 * schemas replace it in no other way.
 */
const { parseValue } = GraphQLID;
GraphQLID.parseValue = (value) => {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return parseValue(value);
  throw new GraphQLError('ID cannot represent a number that is not a safe integer: send it as a string.');
};

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
