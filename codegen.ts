/**
 * Resolver types from the schema. `npm run codegen` writes them; `npm run check` fails when they have drifted.
 */
import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: 'schema/*.graphql',
  generates: {
    'src/graphql/schema-types.ts': {
      plugins: [
        { add: { content: '/** Written by `npm run codegen` from schema/*.graphql. Not for editing by hand. */' } },
        'typescript',
        'typescript-resolvers',
      ],
      config: {
        // Node strips types and compiles nothing: enums must be unions, and imports must be types and name their file.
        enumsAsTypes: true,
        useTypeImports: true,
        importExtension: '.ts',
        scalars: { DateTime: 'Date' },
        mappers: { ViberLog: './resolvers.ts#FetchedLog' },
        contextType: './context.ts#OperationContext',
        // A member of a union says which one it is, so that no resolver has to guess it from its fields.
        resolversNonOptionalTypename: { unionMember: true },
      },
    },
  },
};

export default config;
