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
        mappers: {
          ViberLog: '../d7/read-result.ts#LogResult',
          NotFound: '../d7/read-result.ts#NoSuchLogResult',
          ViberLogSummary: './views/summary.ts#LogSummary',
          ViberCountrySummary: './views/summary.ts#CountrySummary',
          ViberMessageConnection: './views/connection.ts#MessagePage',
          ViberMessageEdge: './views/connection.ts#MessageEdge',
        },
        contextType: './context.ts#OperationContext',
      },
    },
  },
};

export default config;
