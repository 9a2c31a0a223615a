/**
 * The schema as a subgraph of Federation 2: what others may point at, and how it is found again. `npm run schema` prints it.
 *
 * It is laid over the finished schema and reads through the same loader. Take this file away, and the server speaks the plain
 * schema (server.ts looks whether it is there).
 */
import { readFileSync } from 'node:fs';
import { buildSubgraphSchema, type GraphQLResolverMap, printSubgraphSchema } from '@apollo/subgraph';
import { mergeTypeDefs } from '@graphql-tools/merge';
import type { OperationContext } from './context.ts';
import { entityKeyIn } from './entities.ts';
import { publicError } from './errors.ts';
import { expectKnownFields } from './field-check.ts';
import type { RootFields } from './field-kinds.ts';
import { federatedFields, fields, rootFields } from './fields.ts';
import { readViberLog } from './reads.ts';
import { resolvers, resolversOf } from './resolvers.ts';
import { type ViberLogSchema, viberLogTypeDefs } from './schema.ts';

const overlay = new URL('../../schema/federation/subgraph.graphql', import.meta.url);

/** What federation adds to the root fields. */
const federatedRootFields: RootFields = {
  ...rootFields,
  Query: {
    ...rootFields.Query,
    _entities: { items: 'representations', fastPath: 'entities' },
    _service: { items: null },
  },
};

export function createSubgraphSchema(): ViberLogSchema {
  // The overlay is first: of two descriptions, or two lists of arguments, the last one is taken.
  const typeDefs = mergeTypeDefs([readFileSync(overlay, 'utf8'), ...viberLogTypeDefs()]);
  const all = { ...resolvers, ...federated } as GraphQLResolverMap;
  const schema = buildSubgraphSchema([{ typeDefs, resolvers: all }]);
  const tables = { ...fields, ...federatedFields };
  return { schema: expectKnownFields(schema, federatedRootFields, tables), rootFields: federatedRootFields };
}

const federated = {
  Query: {
    ...resolvers.Query,
    // In place of the library's resolver, which fails all representations for an unknown one.
    _entities: (_root: unknown, args: { representations: unknown[] }, context: OperationContext) => {
      // Once for the field, and not for each of its representations.
      context.viberLogs();
      return args.representations.map((representation) => resolveEntity(representation, context));
    },
  },
  ViberRequest: resolversOf(federatedFields.ViberRequest),
};

/** Null where D7 has no such log, or the log no such message. Async to the letter: each one fails by itself. */
async function resolveEntity(representation: unknown, context: OperationContext) {
  const key = entityKeyIn(representation);
  if (key === null) throw publicError('representationInvalid');
  const { typeName: __typename, requestId } = key;
  if (key.typeName === 'ViberRequest') return { __typename, requestId };
  const result = await readViberLog(requestId, context);
  if (result.kind !== 'log') return null;
  if (key.typeName === 'ViberLog') return { __typename, ...result };
  const message = await context.messageIndex().findDecoded(result.log.messages, key.msgId);
  return message && { __typename, ...message };
}

if (import.meta.main) console.log(printSubgraphSchema(createSubgraphSchema().schema));
