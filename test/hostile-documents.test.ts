/** Documents that are built to cost more than they look like: refused before they are validated, over every transport. */
import { parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { checkShape } from '../src/graphql/document-shape.ts';
import { openHouse } from './house.ts';
import { largeTransports } from './transports.ts';

const repeat = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');

const limits = { maxDepth: 12, maxAliases: 30, maxDirectives: 30, maxRepeatedFields: 30 };

/** The code of the first limit that a document exceeds. */
function refusalOf(document: string): unknown {
  try {
    checkShape(parse(document), limits);
    return null;
  } catch (error) {
    return (error as { extensions: { code: unknown } }).extensions.code;
  }
}

describe('the shape of a document', () => {
  const fragmentBomb = (inner: string) =>
    `{ ...F0 } ${repeat(60, (index) => `fragment F${index} on Query { ...F${index + 1} a: b { ...F${index + 1} } }`)} fragment F60 on Query { ${inner} }`;

  it.each<[string, string, string | null]>([
    ['30 aliases', `{ ${repeat(30, (i) => `a${i}: x`)} }`, null],
    ['31 aliases', `{ ${repeat(31, (i) => `a${i}: x`)} }`, 'MAX_ALIASES_LIMIT'],
    ['31 aliases of __typename', `{ ${repeat(31, (i) => `a${i}: __typename`)} }`, 'MAX_ALIASES_LIMIT'],
    ['31 times one alias named __typename', `{ ${repeat(31, () => '__typename: x')} }`, 'MAX_ALIASES_LIMIT'],
    ['31 aliases of introspection', `{ ${repeat(31, (i) => `a${i}: __schema { __typename }`)} }`, 'MAX_ALIASES_LIMIT'],
    ['31 aliases inside introspection', `{ __schema { ${repeat(31, (i) => `a${i}: types`)} } }`, 'MAX_ALIASES_LIMIT'],
    ['31 aliases, nested', `{ a: x { ${repeat(30, (i) => `b${i}: y`)} } }`, 'MAX_ALIASES_LIMIT'],
    [
      '31 aliases through a fragment that is spread twice',
      `{ ...F a: x { ...F } } fragment F on T { ${repeat(15, (i) => `b${i}: y`)} }`,
      'MAX_ALIASES_LIMIT',
    ],
    [
      '31 aliases in the second operation',
      `query A { x } query B { ${repeat(31, (i) => `a${i}: x`)} }`,
      'MAX_ALIASES_LIMIT',
    ],
    ['aliases in a subscription', `subscription { ${repeat(31, (i) => `a${i}: x`)} }`, 'MAX_ALIASES_LIMIT'],
    ['fragments that expand to 2^60 aliases', fragmentBomb('a: x'), 'MAX_DEPTH_LIMIT'],
    ['30 directives', `{ x ${repeat(30, () => '@a')} }`, null],
    ['31 directives on one field', `{ x ${repeat(31, () => '@a')} }`, 'MAX_DIRECTIVES_LIMIT'],
    ['31 directives on an operation', `query A ${repeat(31, () => '@a')} { x }`, 'MAX_DIRECTIVES_LIMIT'],
    ['31 directives on a variable', `query A($v: Int ${repeat(31, () => '@a')}) { x }`, 'MAX_DIRECTIVES_LIMIT'],
    ['31 directives on a fragment', `{ ...F } fragment F on T ${repeat(31, () => '@a')} { x }`, 'MAX_DIRECTIVES_LIMIT'],
    ['31 directives on spreads', `{ ${repeat(31, () => '...F @a')} } fragment F on T { x }`, 'MAX_DIRECTIVES_LIMIT'],
    ['31 directives on inline fragments', `{ ${repeat(31, () => '... @a { x }')} }`, 'MAX_DIRECTIVES_LIMIT'],
    ['30 times one field', `{ ${repeat(30, () => 'x')} }`, null],
    ['31 times one field', `{ ${repeat(31, () => 'x')} }`, 'MAX_REPEATED_FIELDS_LIMIT'],
    [
      '31 times one field in inline fragments',
      `{ ${repeat(31, () => '... on T { x }')} }`,
      'MAX_REPEATED_FIELDS_LIMIT',
    ],
    [
      '32 times one field in two fragments',
      `{ ...F ...G } fragment F on T { ${repeat(16, () => 'x')} } fragment G on T { ${repeat(16, () => 'x')} }`,
      'MAX_REPEATED_FIELDS_LIMIT',
    ],
    [
      'one fragment spread 31 times, which is merged once',
      `{ ${repeat(31, () => '...F')} } fragment F on T { x }`,
      null,
    ],
    [
      '36 times one field in six that are merged',
      `{ ${repeat(6, () => `y { ${repeat(6, () => 'x')} }`)} }`,
      'MAX_REPEATED_FIELDS_LIMIT',
    ],
    ['a fragment that spreads itself', '{ ...F } fragment F on T { x ...F y { ...F } }', null],
    ['a fragment that does not exist', '{ ...F }', null],
    ['12 levels', `${'{ x '.repeat(12)}${'} '.repeat(12)}`, null],
    ['13 levels', `${'{ x '.repeat(13)}${'} '.repeat(13)}`, 'MAX_DEPTH_LIMIT'],
    [
      '13 levels through fragments',
      `{ ...F0 } ${repeat(12, (i) => `fragment F${i} on T { ...F${i + 1} }`)} fragment F12 on T { x }`,
      'MAX_DEPTH_LIMIT',
    ],
  ])('with %s is %s', (_what, document, code) => {
    expect(refusalOf(document)).toBe(code);
  });

  it('takes no longer to count than the document is long', () => {
    const unlimited = { maxDepth: 1000, maxAliases: Infinity, maxDirectives: 30, maxRepeatedFields: Infinity };
    const startedMs = performance.now();
    checkShape(parse(fragmentBomb('a: x')), unlimited);
    // What it expands to would take years.
    expect(performance.now() - startedMs).toBeLessThan(5000);
  });
});

const hostile: [string, string, string][] = [
  ['101 aliases of __typename', `{ ${repeat(101, (i) => `a${i}: __typename`)} }`, 'MAX_ALIASES_LIMIT'],
  ['500 times __typename', `{ ${repeat(500, () => '__typename')} }`, 'MAX_REPEATED_FIELDS_LIMIT'],
  ['a field name of 60 KB', `{ ${'x'.repeat(60_000)} }`, 'MAX_NAME_LENGTH_LIMIT'],
  ['an alias of 60 KB', `{ ${'x'.repeat(60_000)}: __typename }`, 'MAX_NAME_LENGTH_LIMIT'],
  [
    'an operation name of 90 KB with unused variables',
    `query ${'N'.repeat(90_000)}(${repeat(110, (i) => `$v${i}: Int`)}) { __typename }`,
    'MAX_NAME_LENGTH_LIMIT',
  ],
  [
    'a directive on each of 50 variables',
    `query Q(${repeat(50, (i) => `$v${i}: Int @a`)}) { __typename }`,
    'MAX_DIRECTIVES_LIMIT',
  ],
];

describe.each(largeTransports)('over %s', (_name, ask) => {
  it.each(hostile)('%s is refused once, and D7 is not asked', async (_what, query, code) => {
    await using house = await openHouse({ settings: { NODE_ENV: 'production' } });
    const { status = 400, bytes, body } = await ask(house, { query, authorization: null });
    expect(body).toMatchObject({ errors: [{ extensions: { code } }] });
    expect(body.errors).toHaveLength(1);
    expect(body.data).toBeUndefined();
    expect(status).toBe(400);
    expect(bytes).toBeLessThan(1000);
    expect(house.sandbox.callCount()).toBe(0);
  });
});
