/**
 * Types from the schema and from the table of error codes. `npm run codegen` writes them; `npm run check` fails when they have drifted.
 */
import type { CodegenConfig } from '@graphql-codegen/cli';
import { addTypenameSelectionDocumentTransform } from '@graphql-codegen/client-preset';
import { errorCodes } from './src/graphql/error-codes.ts';

/** Node strips types and compiles nothing: enums must be unions, and imports must be types and name their file. */
const erasable = { enumsAsTypes: true, useTypeImports: true, importExtension: '.ts' } as const;

type Outputs = CodegenConfig['generates'];

/** The types of the operations in a folder, as a frontend has them: JSON has no dates. Another frontend needs only its folder below. */
function typedDocuments(folder: string, presetConfig: object = {}): Outputs {
  return {
    [`${folder}/generated/`]: {
      preset: 'client',
      documents: [`${folder}/**/*.{graphql,ts,tsx}`, `!${folder}/generated/**`],
      presetConfig: { fragmentMasking: false, ...presetConfig },
      config: {
        ...erasable,
        strictScalars: true,
        scalars: { DateTime: 'string', ID: { input: 'string', output: 'string' } },
      },
    },
  };
}

/**
 * The same and a manifest of trusted documents. Caches add `__typename` to what they send, and cannot do so with a document that the
 * gateway has already.
 */
function trustedDocuments(folder: string): Outputs {
  const outputs = typedDocuments(folder, { persistedDocuments: { hashAlgorithm: 'sha256' } });
  const documentTransforms = [addTypenameSelectionDocumentTransform];
  return Object.fromEntries(Object.entries(outputs).map(([path, output]) => [path, { ...output, documentTransforms }]));
}

/** For frontends: the values of `extensions.code`. */
function errorCodeType(): string {
  const members = Object.entries(errorCodes).map(([code, when]) => `  /** ${when} */\n  | '${code}'`);
  return `/**
 * The values of \`extensions.code\` in the errors of a response. Written by \`npm run codegen\`. Not for editing by hand.
 */
export type ErrorCode =
${members.join('\n')};
`;
}

const config: CodegenConfig = {
  schema: 'schema/*.graphql',
  // A copy of the sources without the tests has no documents.
  ignoreNoDocuments: true,
  generates: {
    'schema/error-codes.ts': { plugins: [{ add: { content: errorCodeType() } }] },
    'src/graphql/schema-types.ts': {
      plugins: [
        { add: { content: '/** Written by `npm run codegen` from schema/*.graphql. Not for editing by hand. */' } },
        'typescript',
        'typescript-resolvers',
      ],
      config: {
        ...erasable,
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
    ...typedDocuments('test/documents'),
    ...trustedDocuments('test/clients/documents'),
    // The board's manifest of trusted documents as well.
    ...typedDocuments('src/board', { persistedDocuments: { hashAlgorithm: 'sha256' } }),
  },
};

export default config;
