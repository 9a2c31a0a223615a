/** The field table and the schema: what does not fit prevents the start. */
import { buildSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { expectKnownFields } from '../src/graphql/field-check.ts';
import { rootFields } from '../src/graphql/fields.ts';
import { createViberLogSchema, viberLogTypeDefs } from '../src/graphql/schema.ts';

/** The schema with a part replaced. */
function changed(from: string | RegExp, to: string) {
  const typeDefs = viberLogTypeDefs().join('\n');
  const changedDefs = typeDefs.replace(from, to);
  expect(changedDefs).not.toBe(typeDefs);
  return buildSchema(changedDefs);
}

describe('the gateway does not start with', () => {
  it.each<[string, string | RegExp, string, string]>([
    ['a field that the table does not have', 'channel: String', 'channel: String extra: Int', 'ViberLog.extra'],
    ['a field of a message that the table does not have', 'msgId: ID!', 'msgId: ID! extra: Int', 'ViberMessage.extra'],
    ['another argument of a list', / messages\(/, ' messages(first: Int, ', 'ViberLog.messages'],
    ['an argument with a default', / messages\(/, ' messages(first: Int = 5, ', 'ViberLog.messages'],
    ['another argument of an object', 'summary(', 'summary(since: DateTime, ', 'ViberLog.summary'],
    ['an argument of a list of objects', ' byCountry: [', ' byCountry(first: Int): [', 'ViberLogSummary.byCountry'],
    ['a field of a summary that the table does not have', ' final: B', ' extra: Int final: B', 'ViberLogSummary.extra'],
    ['a list of other objects', ' edges: [ViberMessageEdge!]!', ' edges: [PageInfo!]!', 'ViberMessageConnection.edges'],
    ['an argument of a leaf', 'channel: String', 'channel(upper: Boolean): String', 'ViberLog.channel'],
    [
      'an argument of a message’s field',
      /(?<=type ViberMessage .*?)country: String/s,
      'country(name: Boolean): String',
      'ViberMessage.country',
    ],
    [
      'an argument of NotFound',
      /(?<=type NotFound .*?)requestId: ID!/s,
      'requestId(short: Boolean): ID!',
      'NotFound.requestId',
    ],
    ['a field that has become an object', 'channel: String', 'channel: NotFound!', 'ViberLog.channel'],
    ['a root field without a cost', 'type Query {', 'type Query { totals(requestIds: [ID!]!): Int', 'Query.totals'],
    ['a subscription without a cost', 'type Subscription {', 'type Subscription { all: Int', 'Subscription.all'],
    ['a mutation without a cost', 'type Query {', 'type Mutation { send: Int } type Query {', 'Mutation.send'],
  ])('%s', (_what, from, to, name) => {
    expect(() => expectKnownFields(changed(from, to), rootFields)).toThrow(name);
  });

  it('a second argument of a root field that the fast path reads', () => {
    const schema = changed('requestIds: [ID!]!', 'requestIds: [ID!]! newest: Boolean');
    expect(() => expectKnownFields(schema, rootFields)).toThrow('Query.viberLogs');
  });

  it('a root field without the argument that holds its items', () => {
    const { schema } = createViberLogSchema();
    const changedFields = { ...rootFields, Query: { ...rootFields.Query, viberLog: { items: 'ids' } } };
    expect(() => expectKnownFields(schema, changedFields)).toThrow('Query.viberLog has no argument ids');
    const without = { ...rootFields, Query: { ...rootFields.Query, viberLog: { items: null } } };
    expect(expectKnownFields(schema, without)).toBe(schema);
  });

  it('a table of a type that the schema does not have', () => {
    const schema = buildSchema('type Query { a: Int }');
    expect(() => expectKnownFields(schema, { Query: { a: { items: null } } })).toThrow('has no type ViberLog');
  });

  it.each([
    ['channel: String', 'channel: NotFound!', 'ViberLog.channel is of type NotFound, and of a leaf type in'],
    ['pageInfo: PageInfo!', 'pageInfo: Int', 'is of type Int, and of PageInfo in the field table'],
    ['node: ViberMessage!', 'node: NotFound!', 'is of type NotFound, and of ViberMessage in the field table'],
  ])('another type of a field: %s as %s', (from, to, words) => {
    expect(() => expectKnownFields(changed(from, to), rootFields)).toThrow(words);
  });
});

it('The schema as it is fits the table', () => {
  const { schema } = createViberLogSchema();
  expect(expectKnownFields(schema, rootFields)).toBe(schema);
});
