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
import { publicError } from './errors.ts';
import { expectKnownFields } from './field-check.ts';
import type { RootFields } from './field-kinds.ts';
import { rootFields } from './fields.ts';
import { readViberLog } from './reads.ts';
import { resolvers } from './resolvers.ts';
import { type ViberLogSchema, viberLogTypeDefs } from './schema.ts';

/** What a router knows of an entity: its type and its key. It is the caller's to write, so nothing of it is certain. */
type Representation = { __typename?: unknown; requestId?: unknown; msgId?: unknown };

const overlay = new URL('../../schema/federation/subgraph.graphql', import.meta.url);

/** What federation adds to the root fields. */
const federatedRootFields: RootFields = {
  ...rootFields,
  Query: { ...rootFields.Query, _entities: { items: 'representations' }, _service: { items: null } },
};

export function createSubgraphSchema(): ViberLogSchema {
  // The overlay is first: of two descriptions, or two lists of arguments, the last one is taken.
  const typeDefs = mergeTypeDefs([readFileSync(overlay, 'utf8'), ...viberLogTypeDefs()]);
  const all = { ...resolvers, ...federated } as GraphQLResolverMap;
  const schema = buildSubgraphSchema([{ typeDefs, resolvers: all }]);
  return { schema: expectKnownFields(schema, federatedRootFields), rootFields: federatedRootFields };
}

const federated = {
  Query: {
    ...resolvers.Query,
    // In place of the library's resolver, which fails all representations for an unknown one.
    _entities: (_root: unknown, args: { representations: Representation[] }, context: OperationContext) => {
      // Once for the field, and not for each of its representations.
      context.viberLogs();
      return args.representations.map((representation) => resolveEntity(representation, context));
    },
  },
  ViberRequest: {
    log: ({ requestId }: { requestId: string }, _args: object, context: OperationContext) =>
      readViberLog(requestId, context),
  },
};

/** Null where D7 has no such log, or the log no such message. Async to the letter: each one fails by itself. */
async function resolveEntity({ __typename, requestId, msgId }: Representation, context: OperationContext) {
  if (typeof requestId !== 'string') throw publicError('representationInvalid');
  switch (__typename) {
    case 'ViberRequest':
      return { __typename, requestId };
    case 'ViberLog': {
      const result = await readViberLog(requestId, context);
      return result.kind === 'log' ? { __typename, ...result } : null;
    }
    case 'ViberMessage':
      if (typeof msgId !== 'string') throw publicError('representationInvalid');
      return await findMessage(requestId, msgId, context);
    default:
      throw publicError('representationInvalid');
  }
}

async function findMessage(requestId: string, msgId: string, context: OperationContext) {
  const result = await readViberLog(requestId, context);
  if (result.kind !== 'log') return null;
  const message = await context.messageIndex().find(result.log.messages, msgId);
  return message && { __typename: 'ViberMessage', ...message };
}

if (import.meta.main) console.log(printSubgraphSchema(createSubgraphSchema().schema));
