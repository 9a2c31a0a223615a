/** The rules of validation, which run as one: what they say of wrong documents is what graphql-js says. */
import { parse, specifiedRules, validate } from 'graphql';
import { expect, it } from 'vitest';
import { createViberLogSchema } from '../src/graphql/schema.ts';
import { openHouse } from './house.ts';

const { schema } = createViberLogSchema();

/** By the rules that refuse them; most break several at once, so that the order of the errors shows. */
const wrongDocuments: Record<string, string> = {
  'definitions of types': 'type A { a: Int } query Q { __typename } enum B { B } extend type Query { b: Int }',
  'a subscription of two fields':
    'subscription { a: viberLog(requestId: "1") { __typename } b: viberLog(requestId: "2") { __typename } }',
  'unknown types':
    'query Q($a: Nothing) { viberLog(requestId: $a) { ... on Nowhere { code } ...F } } fragment F on Else { code }',
  'fragments on what has no fields': '{ ... on ID { a } ...F } fragment F on Float { b }',
  'variables of output types': 'query Q($a: ViberLog) { viberLog(requestId: $a) { __typename } }',
  'leaves with fields, and fields without': '{ __typename { a } viberLog(requestId: "1") }',
  'unknown fields':
    '{ viberLg(requestId: "1") { __typename } viberLog(requestId: "1") { ... on ViberLog { requestIds } code } }',
  'unknown, unused and repeated fragments': '{ ...A } fragment B on Query { __typename } fragment B on Query { a }',
  'a spread that never applies': '{ ...F } fragment F on ViberLog { requestId }',
  'fragments in circles':
    '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A ...C } fragment C on Query { ...C }',
  'variables twice, undefined and unused':
    'query Q($a: ID!, $a: ID!, $b: ID!) { viberLog(requestId: $c) { __typename } }',
  'unknown, misplaced and repeated directives':
    'query Q @skip(if: true) { __typename @no @skip(if: true) @skip(if: false) }',
  'unknown and repeated arguments':
    '{ viberLog(requestId: "1", id: 2, requestId: "3") { __typename @include(unless: true, if: true) } }',
  'values of wrong types':
    '{ viberLog(requestId: 1.5) { ... on ViberLog { messages(filter: { status: [LOST], no: 1 }) { msgId } } } }',
  'no required arguments': '{ viberLog { __typename } b: __typename @include }',
  'variables in wrong places':
    'query Q($a: Int, $b: String) { viberLog(requestId: $a) { __typename } b: __typename @include(if: $b) }',
  'fields of one name that differ':
    '{ a: viberLog(requestId: "1") { __typename } a: viberLog(requestId: "2") { __typename } }',
  'input fields twice':
    '{ viberLog(requestId: "1") { ... on ViberLog { messages(filter: { status: SENT, status: SENT }) { msgId } } } }',
  'introspection that is too deep': `{ __schema { types { ${'fields { type { '.repeat(4)} name ${'} } '.repeat(4)} } } }`,
};

it.each(Object.entries(wrongDocuments))('%s', async (_name, query) => {
  await using house = await openHouse({ settings: { NODE_ENV: 'development', MAX_DOCUMENT_ERRORS: '100' } });
  const { body } = await house.ask(query);
  const expected = validate(schema, parse(query), specifiedRules);
  expect(expected.length).toBeGreaterThan(0);
  const shown = ({ message, locations }: { message: string; locations?: unknown }) => ({ message, locations });
  expect(body.errors.map(shown)).toEqual(expected.map((error) => shown(error.toJSON())));
});
