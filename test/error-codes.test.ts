/** The table of error codes has every code that a response can carry, and no other. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GraphQLError } from 'graphql';
import { expect, it } from 'vitest';
import { errorCodes } from '../src/graphql/error-codes.ts';
import { formattedError, codesIn as publicCodesIn } from '../src/graphql/response/response-errors.ts';
import { codesIn, documentAt, readme, tableUnder } from './readme.ts';

const root = new URL('..', import.meta.url).pathname;
const known = Object.keys(errorCodes);

/** The libraries that create errors of a response. */
const libraries = ['graphql-yoga', '@graphql-tools/executor', '@apollo/subgraph', 'graphql-ws', 'graphql-scalars'];

/** `code: 'X'` and `['code'] ||= 'X'`. */
function codesWrittenIn(folder: string, extension: string): string[] {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  const sources = files.filter((file) => file.endsWith(extension) && !file.endsWith('.d.ts'));
  return sources.flatMap((file) => {
    const source = readFileSync(join(root, folder, file), 'utf8');
    return [...source.matchAll(/\bcode['"\]]*\s*(?::|\|\|=|\?\?=)\s*['"]([A-Z]+(?:_[A-Z]+)*)['"]/g)].map(
      ([, code = '']) => code,
    );
  });
}

it('has every code that the sources of the gateway or of a library write, and no other', () => {
  const own = ['src/graphql', 'src/inbound'].flatMap((folder) => codesWrittenIn(folder, '.ts'));
  const foreign = libraries.flatMap((name) => codesWrittenIn(`node_modules/${name}`, '.js'));
  expect(foreign).toContain('GRAPHQL_VALIDATION_FAILED');
  expect([...new Set([...own, ...foreign])].toSorted()).toEqual(known.toSorted());
});

it('has the words of the README, which names each code', () => {
  const errors = tableUnder('Errors').map(([code = '', when]) => [codesIn(code)[0], when]);
  const refusals = tableUnder('Refusals', documentAt('.github/ERRORS.md')).map(([code = '', , when]) => [
    codesIn(code)[0],
    when,
  ]);
  expect(Object.entries(errorCodes)).toEqual(expect.arrayContaining([...errors, ...refusals]));
  const named = new Set([readme, documentAt('.github/ERRORS.md')].flatMap(codesIn));
  expect(known.filter((code) => !named.has(code))).toEqual([]);
});

it('holds also if a library writes another code: the response and the log have that of an error without a code', () => {
  const error = new GraphQLError('New.', { extensions: { code: 'NEW_IN_A_LIBRARY' } });
  const limits = { maxErrors: 1, maxDocumentErrors: 1, maxMessageLength: 100, maxLocations: 1 };
  expect(formattedError(error, limits)).toEqual({ message: 'New.', extensions: { code: 'BAD_USER_INPUT' } });
  expect(publicCodesIn([error])).toEqual(['BAD_USER_INPUT']);
});
