/** What a hostile client sends, like rows 1 to 7 of the table of attacks that were observed. */
const row = 'msgId country recipient status rawStatus numberOfViberMessage viberCost scheduleTime';
const repeated = (count: number, textOf: (index: number) => string) =>
  Array.from({ length: count }, (_, i) => textOf(i)).join(' ');

export const largeLogQuery = `query Large($id: ID!) { viberLog(requestId: $id) { ... on ViberLog { requestId messages { ${row} } } } }`;

export function largeLogBody([id]: readonly string[]): string {
  return JSON.stringify({ query: largeLogQuery, variables: { id } });
}

export function hostileBodies(): string[] {
  const entities = (aliases: number, r: unknown[]) =>
    JSON.stringify({
      query: `query($r: [_Any!]!) { ${repeated(aliases, (i) => `a${i}: _entities(representations: $r) { __typename }`)} }`,
      variables: { r },
    });
  const samePage = (aliases: number) =>
    JSON.stringify({
      query: `query($ids: [ID!]!) { ${repeated(aliases, (i) => `a${i}: viberLogs(requestIds: $ids) { ... on ViberLog { messages { ${row} } } }`)} }`,
      variables: { ids: Array(100).fill('rows-10000-same') },
    });
  const duplicates = Array(2000).fill({ __typename: 'ViberLog', requestId: 'rows-1000-same' });
  return [
    entities(30, Array(48_000).fill(1)),
    entities(1, Array(48_000).fill(1)),
    samePage(1),
    samePage(5),
    entities(1, duplicates),
    JSON.stringify({ query: `query ${'n'.repeat(95_000)}(${repeated(110, (i) => `$v${i}: ID`)}) { __typename }` }),
    JSON.stringify({ query: `{ ${'f'.repeat(60_000)} }` }),
    JSON.stringify({ query: `{ ${repeated(101, (i) => `a${i}: __typename`)} }` }),
    JSON.stringify({ query: `{ ${repeated(500, () => '__typename')} }` }),
    JSON.stringify({ query: `{ __typename ${repeated(10, (i) => `@unknown${i}`)} }` }),
  ];
}

export const hostileHeads = [
  'GET // HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
  'GET http://[/graphql HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
  'GET /health HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n',
  'GET /graphql?variables=[&query={a} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n',
];
