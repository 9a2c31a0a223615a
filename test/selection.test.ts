/** What the fast path knows to select of a log; whatever else is selected is left to graphql-js. */
import { type FieldNode, type OperationDefinitionNode, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { fragmentsIn } from '../src/graphql/collect-fields.ts';
import { createViberLogSchema } from '../src/graphql/schema.ts';
import { createSelector } from '../src/graphql/selection.ts';

const { schema } = createViberLogSchema();

function selectionOf(fields: string, variables: Record<string, unknown> = {}) {
  const document = parse(
    `query ($filter: ViberMessageFilter) { viberLog(requestId: "a") { ... on ViberLog { ${fields} } } }`,
  );
  const [node] = (document.definitions[0] as OperationDefinitionNode).selectionSet.selections;
  return createSelector(schema, fragmentsIn(document), variables)('ViberLog', [node as FieldNode]);
}

const leaf = (key: string) => ({ key, kind: 'leaf' });
const column = (key: string) => ({ key, kind: 'column' });

describe('the selection of a log', () => {
  it.each<[string, object[]]>([
    ['__typename', [{ key: '__typename', kind: 'typename', typeName: 'ViberLog' }]],
    ['id: requestId channel', [leaf('id'), leaf('channel')]],
    ['messages { msgId }', [{ key: 'messages', kind: 'messages', isComputed: false, selection: [column('msgId')] }]],
    [
      'messages(filter: { status: [SENT] }) { __typename }',
      [
        {
          key: 'messages',
          kind: 'messages',
          isComputed: true,
          selection: [{ kind: 'typename', typeName: 'ViberMessage' }],
        },
      ],
    ],
    [
      'summary { final byCountry { country } }',
      [
        {
          key: 'summary',
          kind: 'object',
          isComputed: true,
          selection: [leaf('final'), { key: 'byCountry', kind: 'list', selection: [leaf('country')] }],
        },
      ],
    ],
    [
      'messagesConnection(first: 1) { nodes { msgId } edges { node { msgId } } pageInfo { endCursor } }',
      [
        {
          key: 'messagesConnection',
          kind: 'object',
          isComputed: true,
          selection: [
            { key: 'nodes', kind: 'messages', isComputed: false, selection: [column('msgId')] },
            { key: 'edges', kind: 'list', selection: [{ key: 'node', kind: 'message', selection: [column('msgId')] }] },
            { key: 'pageInfo', kind: 'object', isComputed: false, selection: [leaf('endCursor')] },
          ],
        },
      ],
    ],
  ])('%s is known', (fields, expected) => {
    expect(selectionOf(fields)).toMatchObject(expected);
    expect(selectionOf(fields)).toHaveLength(expected.length);
  });

  it.each([
    'nope requestId',
    'requestId nope',
    'constructor',
    'messages { nope }',
    'summary { nope }',
    'summary { byCountry { nope } }',
    'messagesConnection { nodes { nope } }',
    'messagesConnection { edges { node { nope } } }',
    'messages(filter: 1) { msgId }',
    'summary(filter: 1) { final }',
    'messagesConnection(first: "a") { totalCount }',
  ])('%s is left to graphql-js', (fields) => {
    expect(selectionOf(fields)).toBeNull();
  });

  it('has its arguments from the variables', () => {
    const fields = 'messages(filter: $filter) { msgId }';
    expect(selectionOf(fields)).toMatchObject([{ isComputed: false }]);
    expect(selectionOf(fields, { filter: { status: ['SENT'] } })).toMatchObject([{ isComputed: true }]);
  });
});
