/** The public errors: their words, and the form that every error of a response gets. */
import { type ASTNode, GraphQLError, type GraphQLErrorOptions, parse, Source } from 'graphql';
import { describe, expect, it } from 'vitest';
import { ViberLogFailure } from '../src/d7/failures.ts';
import { isRefusal, publicError, publicErrorFor, publicErrors } from '../src/graphql/errors.ts';
import { createMaskError } from '../src/graphql/mask-error.ts';
import { boundedErrors, codesIn, formattedError, noteStatus } from '../src/graphql/response/response-errors.ts';

describe('the public errors', () => {
  it('keep their codes and their words', () => {
    expect(publicErrors).toMatchSnapshot();
  });

  it('have their code, and what else is said of one', () => {
    const error = publicError('rateLimited', { retryAfterSeconds: 7 });
    expect(error).toBeInstanceOf(GraphQLError);
    expect(error.message).toBe(publicErrors.rateLimited.message);
    expect(error.extensions).toEqual({ code: 'RATE_LIMITED', retryAfterSeconds: 7 });
    expect(publicError('forbidden').extensions).toEqual({ code: 'FORBIDDEN' });
  });

  it('have a status where the operation is not run, and only then are refusals', () => {
    const refusal = publicError('tooDeep', { limit: 9 });
    expect(refusal.message).toBe(publicErrors.tooDeep.message);
    expect(refusal.extensions).toEqual({ code: 'MAX_DEPTH_LIMIT', limit: 9, http: { status: 400 } });
    const compressed = publicError('contentCodingUnknown');
    expect(compressed.extensions.http).toEqual({ status: 415, headers: { 'accept-encoding': 'identity' } });
    const others = [publicError('rateLimited'), new GraphQLError('', { extensions: refusal.extensions })];
    expect([refusal, compressed, ...others].map(isRefusal)).toEqual([true, true, false, false]);
  });
});

describe('the public error for a failure', () => {
  it.each([
    ['its kind', new ViberLogFailure('timeout', 'reason'), 'timeout', {}],
    [
      'when to come back',
      new ViberLogFailure('overloaded', 'r', { retryAfterSeconds: 0 }),
      'overloaded',
      { retryAfterSeconds: 0 },
    ],
    ['nothing of a cancelled read', new ViberLogFailure('cancelled', 'reason'), 'unavailable', {}],
  ] as const)('tells %s', (_what, failure, kind, more) => {
    const { code, message } = publicErrors[kind];
    const error = publicErrorFor(failure) as GraphQLError;
    expect([error.message, error.extensions]).toEqual([message, { code, ...more }]);
  });

  it('leaves a bug as it is, and the mask says nothing of it', () => {
    const bug = new Error('secret');
    expect(publicErrorFor(bug)).toBe(bug);
    const unexpected: unknown[] = [];
    const mask = createMaskError((error) => unexpected.push(error));
    const known = publicError('forbidden');
    expect(mask(known)).toBe(known);
    expect(unexpected).toEqual([]);
    const masked = mask(new GraphQLError('secret', { originalError: bug, path: ['viberLog'] }));
    expect(JSON.stringify(masked)).not.toContain('secret');
    expect(masked).toMatchObject({ message: 'Unexpected error.', path: ['viberLog'] });
    expect(formattedError(masked, limits).extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR' });
    expect(unexpected).toMatchObject([{ message: 'secret' }]);
  });
});

const limits = { maxErrors: 5, maxDocumentErrors: 3, maxMessageLength: 20, maxLocations: 2 };

describe('the errors of a response', () => {
  const errorsOf = (count: number, code?: string) =>
    Array.from({ length: count }, (_, index) => new GraphQLError(`${index}`, { extensions: code ? { code } : {} }));
  const shown = (errors: readonly GraphQLError[]) => boundedErrors(errors, limits).map(({ message }) => message);

  it.each([
    ['all of them', errorsOf(5), ['0', '1', '2', '3', '4']],
    ['four of six, and how many are omitted', errorsOf(6), ['0', '1', '2', '3', '2 more errors were omitted.']],
    ['all of a document', errorsOf(3, 'GRAPHQL_VALIDATION_FAILED'), ['0', '1', '2']],
    ['two of an invalid document', errorsOf(4, 'GRAPHQL_VALIDATION_FAILED'), ['0', '1', '2 more errors were omitted.']],
    ['two of an unreadable document', errorsOf(4, 'GRAPHQL_PARSE_FAILED'), ['0', '1', '2 more errors were omitted.']],
    ['all, with another code', errorsOf(4, 'BAD_USER_INPUT'), ['0', '1', '2', '3']],
    [
      'two, where one of them is of a document',
      [...errorsOf(3), ...errorsOf(1, 'GRAPHQL_PARSE_FAILED')],
      ['0', '1', '2 more errors were omitted.'],
    ],
  ])('are %s', (_what, errors, expected) => expect(shown(errors)).toEqual(expected));

  it('end with a code for those that are omitted', () => {
    const last = boundedErrors(errorsOf(9), limits).at(-1);
    expect(last?.extensions).toEqual({ code: 'TOO_MANY_ERRORS', omitted: 5 });
  });

  it('have their codes, each once', () => {
    const errors = [...errorsOf(2), ...errorsOf(2, 'FORBIDDEN'), ...errorsOf(1, 'BAD_USER_INPUT')];
    expect(codesIn(errors)).toEqual(['BAD_USER_INPUT', 'FORBIDDEN']);
    const plain = [{ message: 'x' }, { message: 'y', extensions: { code: 7 } }] as unknown as GraphQLError[];
    expect(codesIn(plain)).toEqual(['BAD_USER_INPUT']);
    expect(boundedErrors(plain, limits)).toBe(plain);
  });
});

describe('an error of a response', () => {
  const source = new Source('{ a b c d }');
  const { definitions } = parse(source);
  const nodes = (definitions[0] as { selectionSet: { selections: readonly ASTNode[] } }).selectionSet.selections;
  const formatted = (message: string, options: GraphQLErrorOptions = {}) =>
    formattedError(new GraphQLError(message, options), limits);

  it('has a message of a bounded length', () => {
    expect(formatted('x'.repeat(20)).message).toBe('x'.repeat(20));
    expect(formatted('x'.repeat(21)).message).toBe(`${'x'.repeat(19)}…`);
  });

  it('has its first locations and its path, where it has any', () => {
    expect(formatted('m', { nodes, path: ['a', 0] })).toEqual({
      message: 'm',
      locations: [
        { line: 1, column: 3 },
        { line: 1, column: 5 },
      ],
      path: ['a', 0],
      extensions: { code: 'BAD_USER_INPUT' },
    });
    expect(Object.keys(formatted('m'))).toEqual(['message', 'extensions']);
  });

  it('has its code and the numbers of ours, and nothing else', () => {
    const numbers = { limit: 0, omitted: 2, retryAfterSeconds: 3 };
    const others = { http: { status: 400 }, originalError: new Error('secret'), stack: 'secret', other: 5 };
    expect(formatted('m', { extensions: { code: 'FORBIDDEN', ...numbers, ...others } }).extensions).toEqual({
      code: 'FORBIDDEN',
      ...numbers,
    });
    expect(formatted('m', { extensions: { limit: '9', omitted: null } }).extensions).toEqual({
      code: 'BAD_USER_INPUT',
    });
  });

  it.each<[string, () => GraphQLError, object]>([
    ['of a field', () => publicError('forbidden'), { code: 'FORBIDDEN' }],
    ['without a code', () => new GraphQLError('m'), { code: 'BAD_USER_INPUT' }],
    [
      'that quotes the body',
      () => new GraphQLError('m', { extensions: { originalError: new Error('secret'), http: { status: 400 } } }),
      { code: 'BAD_USER_INPUT', http: { status: 400, spec: false } },
    ],
    [
      'that is a refusal',
      () => publicError('tooDeep'),
      { code: 'MAX_DEPTH_LIMIT', http: { status: 400, spec: false } },
    ],
    [
      'of validation',
      () =>
        new GraphQLError('m', { extensions: { code: 'GRAPHQL_VALIDATION_FAILED', http: { spec: true, status: 400 } } }),
      { code: 'GRAPHQL_VALIDATION_FAILED', http: { spec: true, status: 400 } },
    ],
  ])('%s has the status that Yoga is to send', (_what, create, extensions) => {
    const error = create();
    noteStatus(error);
    expect(error.extensions).toEqual(extensions);
  });
});
