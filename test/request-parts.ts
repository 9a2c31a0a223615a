/** What requests are composed of: for each part of a request the valid values and the broken ones. */

export type Parts = { valid: readonly string[]; broken: readonly string[] };

/** Separated by ` ~ `; an empty one is a value, too. */
function list(text: string): string[] {
  return text.split(/ ?~ ?/);
}

function named(name: string, { valid, broken }: Parts): Parts {
  const header = (value: string) => `${name}: ${value}`;
  return { valid: valid.map(header), broken: broken.map(header) };
}

const encoded = (parameters: Record<string, string>) => new URLSearchParams(parameters).toString();
const long = 'a'.repeat(3000);
const tooLong = 'a'.repeat(20_000);

const oddMethods = list(
  'PUT ~ DELETE ~ PATCH ~ TRACE ~ CONNECT ~ PRI ~ M-SEARCH ~ QUERY ~ get ~ G ~ ~ GET GET ~ \u0000 ~ \u00e4',
);
export const methods: Parts = {
  valid: list('GET ~ GET ~ GET ~ POST ~ POST ~ POST ~ OPTIONS ~ HEAD'),
  broken: oddMethods,
};
export const upgradeMethods: Parts = { valid: ['GET'], broken: oddMethods };
export const versions: Parts = {
  valid: [...Array<string>(9).fill('HTTP/1.1'), 'HTTP/1.0'],
  broken: list('HTTP/1.2 ~ HTTP/2.0 ~ HTTP/0.9 ~ HTTP/3.7 ~ HTTP/ ~ http/1.1 ~ ICE/1.0 ~ RTSP/1.0 ~ ~ HTTP/1.1 x'),
};

export const paths: Parts = {
  valid: list('/graphql ~ /graphql ~ /graphql ~ /graphql ~ /graphql ~ /graphql ~ /graphql/ ~ /health ~ /ready'),
  broken: [
    ...list(
      '/graphql// ~ //graphql ~ /graphql/.. ~ /graphql/%2e%2e ~ /graphql%00 ~ /GRAPHQL ~ /%67raphql ~ /graphql#a',
    ),
    ...list(
      '/ ~ // ~ /// ~ //:99999/ ~ //[/ ~ //a:b@c/graphql ~ /[ ~ /% ~ /%zz ~ /%ff%fe ~ /\\ ~ /\u00e4 ~ /a b ~ /.. ~ ?',
    ),
    ...list('/health/ ~ /other ~ /graphql;a=b ~ /graphql\t ~ /\u007f ~ /\u0000'),
    ...[`/${long}`, `/graphql/${'../'.repeat(500)}`, `/${'%41'.repeat(1000)}`, `/${tooLong}`],
  ],
};
/** The forms of RFC 9112, section 3.2, beside origin-form and absolute-form, and what resembles them. */
export const oddTargets = list(
  '* ~ graphql ~ a:80 ~ a:443 ~ [::1]:80 ~ http: ~ http:/ ~ http:// ~ http:/// ~ ? ~ # ~ . ~ ~ \u0000',
);
export const schemes: Parts = { valid: list('http: ~ HTTPS:'), broken: list('ftp: ~ javascript: ~ ws: ~ ~ : ~ http') };
export const authorities: Parts = {
  valid: list('a ~ a:80 ~ [::1] ~ 1.2.3.4'),
  broken: [
    ...list('~ [ ~ [::1 ~ [::g] ~ :80 ~ a:99999 ~ a:b ~ a|b ~ u:p@a ~ 1.2.3.4.5 ~ % ~ %zz ~ \u00e4 ~ a b'),
    long,
  ],
};
export const brokenHosts: string[][] = [
  ...[[], ['Host: a', 'Host: a'], ['Host: a', 'hOST: b'], ['Host : a'], ['Host:'], [`Host: ${long}`]],
  ...[...authorities.broken, ...authorities.valid, 'a/b', 'http://a', 'a, b', 'a:'].map((host) => [`Host: ${host}`]),
];

const typename = '{__typename}';
const logs = 'query Logs($ids: [ID!]!) { viberLogs(requestIds: $ids) { __typename } }';
const twoOperations = 'query A{__typename} query B{a}';
const documents: Parts = {
  valid: [
    ...[typename, 'query A{__typename}', 'subscription { viberLog(requestId: "recipients-1") { __typename } }'],
    '{ viberLog(requestId: "recipients-2") { ... on ViberLog { requestId messages { status } } } }',
  ],
  broken: [
    ...list(
      '{a} ~ { ~ ~ \u0000 ~ # ~ null ~ mutation{a} ~ {__typename @skip} ~ {__typename @skip(if:$a)} ~ """ ~ \u00e4\u0085',
    ),
    ...list(
      'fragment F on Query{...F} {...F} ~ {_entities(representations:[1]){__typename}} ~ {__schema{types{name}}}',
    ),
    ...list('{viberLog(requestId:1e400){__typename}} ~ {viberLog(requestId:"..//"){__typename}} ~ {_service{sdl}}'),
    ...[twoOperations, `{${long}}`, '{'.repeat(500), typename.repeat(100)],
  ],
};
const brokenJsons = [
  ...list('null ~ [ ~ { ~ 1 ~ "a" ~ [] ~ true ~ {"ids":null} ~ {"ids":{"a":1}} ~ {"__proto__":1} ~ {"a":"\\ud800"} ~ '),
  ...['{"persistedQuery":{"version":1,"sha256Hash":"a"}}', '{"persistedQuery":1}', '['.repeat(1000), '\u0000'],
];
const operationNames = list('~ null ~ 1 ~ __proto__ ~ constructor ~ \u0000 ~ C');

const ids = '{"ids":["recipients-2","missing"]}';
export const queries: Parts = {
  valid: [
    ...[`query=${typename}`, `query=${typename}&operationName=&variables={}`, encoded({ query: logs, variables: ids })],
    ...documents.valid.map((query) => encoded({ query })),
  ],
  broken: [
    ...documents.broken.map((query) => encoded({ query })),
    ...brokenJsons.map((variables) => encoded({ query: logs, variables })),
    ...brokenJsons.map((extensions) => encoded({ query: typename, extensions })),
    ...brokenJsons.map((extensions) => encoded({ extensions })),
    ...brokenJsons.map((documentId) => encoded({ documentId })),
    ...operationNames.map((operationName) => encoded({ query: twoOperations, operationName })),
    ...list('~ ? ~ & ~ &&= ~ = ~ % ~ query=% ~ query=%ff ~ query ~ query= ~ query[]=a ~ query=a&query=b ~ /graphql'),
    ...list(
      'variables=[&query={a} ~ query={__typename}&variables=% ~ \u00e4=\u00e4 ~ __proto__=1 ~ variables=null&variables=1',
    ),
    ...['query={__typename}&a=%u0000', 'a&'.repeat(1500), 'extensions={', 'query={a}#b', `query=${long}`],
  ],
};

/** Masked with zeroes. */
const frames = [
  '\u0081\u009a\u0000\u0000\u0000\u0000{"type":"connection_init"}',
  ...[
    '\u0081\u0081\u0000\u0000\u0000\u0000{',
    '\u0083\u0080\u0000\u0000\u0000\u0000',
    '\u0081',
    '\u0001\u0001a',
    '\u00f1\u0080',
  ],
  // A close frame with half a code, and one of 2^63 bytes.
  '\u0088\u0081\u0000\u0000\u0000\u0000a',
  `\u0081\u00ff\u0080${'\u0000'.repeat(11)}`,
];
export const bodies: Parts = {
  valid: [
    ...documents.valid.map((query) => JSON.stringify({ query })),
    ...[`{"query":${JSON.stringify(logs)},"variables":${ids}}`, `{"query":"${typename}","operationName":null}`],
  ],
  broken: [
    ...documents.broken.map((query) => JSON.stringify({ query })),
    ...brokenJsons.map((variables) => `{"query":${JSON.stringify(logs)},"variables":${variables}}`),
    ...brokenJsons.map((extensions) => `{"query":"${typename}","extensions":${extensions}}`),
    ...brokenJsons.map((documentId) => `{"documentId":${documentId}}`),
    ...operationNames.map((operationName) => JSON.stringify({ query: twoOperations, operationName })),
    ...[...documents.broken, ...documents.valid, ...queries.valid, ...queries.broken, ...brokenJsons, ...frames],
    ...list(
      '[{"query":"{a}"}] ~ {"query":1} ~ {"query":null} ~ {"query":{"a":1}} ~ {"query":"{a}","operationName":[]}',
    ),
    ...list(
      '--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{"query":"{a}"}\r\n--x--\r\n ~ --x\r\n ~ --x--',
    ),
    ...list(
      '5\r\n{"a":\r\n0\r\n\r\n ~ zz\r\n\r\n ~ ffffffffff\r\n ~ 1;a=b\r\n{\r\n0\r\nTrailer: \u00e4\r\n\r\n ~ 0\r\n\r\n',
    ),
    ...list('\u00ff\u00fe ~ \u00ef\u00bb\u00bf{} ~ \u001f\u008b\u0008\u0000 ~ \u0000\u0000\u0000'),
    ...[`e;${tooLong}\r\n`, 'x'.repeat(200_000), `{"query":"${long}"}`],
  ],
};
export const brokenLengths = list('0 ~ 1 ~ 5 ~ 99999999 ~ -1 ~ 1e3 ~ 0x10 ~ ~ 1, 1 ~ 1 2 ~ 99999999999999999999 ~ +1');
export const codings = list('chunked ~ Chunked ~ gzip, chunked ~ chunked, gzip ~ identity ~ x ~ ~ chunked, chunked');

export const connections: Parts = {
  valid: list('Upgrade ~ upgrade ~ keep-alive, Upgrade ~ Upgrade, HTTP2-Settings'),
  broken: list('close ~ keep-alive ~ , ~ ~ \u00e4 ~ Upgradex'),
};
export const protocols: Parts = {
  valid: list('websocket ~ websocket ~ websocket ~ WebSocket ~ h2c ~ x'),
  broken: [...list('TLS/1.0 ~ websocket/9 ~ websocket, h2c ~ h2c, websocket ~ ~ , ~ \u00e4'), long],
};
export const webSocketKeys: Parts = {
  valid: ['dGhlIHNhbXBsZSBub25jZQ=='],
  broken: [...list('~ abc ~ a, b ~ \u00e4 ~ dGhlIHNhbXBsZSBub25jZQ'), long],
};
export const webSocketVersions: Parts = {
  valid: ['13'],
  broken: list('~ 7 ~ 8 ~ 13, 8 ~ x ~ -1 ~ 99999999999999999999'),
};
export const webSocketProtocols: Parts = {
  valid: ['graphql-transport-ws'],
  broken: [...list('graphql-ws ~ a, graphql-transport-ws ~ ,, ~ ~ a,a ~ \u00e4 ~ a b ~ /'), 'a,'.repeat(500)],
};
export const webSocketExtensions: Parts = {
  valid: list('permessage-deflate ~ permessage-deflate; client_max_window_bits'),
  broken: [
    ...list(
      'permessage-deflate; client_max_window_bits=99 ~ permessage-deflate; a; a; a ~ ; ~ a;= ~ " ~ , ~ ~ x; y="\\"',
    ),
    'a='.repeat(300),
  ],
};
export const http2Settings: Parts = { valid: ['AAMAAABk'], broken: list('~ \u00e4') };

export const mediaTypes: Parts = {
  valid: [
    ...list(
      'application/json ~ application/json ~ application/json ~ application/json; charset=utf-8 ~ APPLICATION/JSON',
    ),
    ...list('application/graphql ~ application/x-www-form-urlencoded ~ application/graphql+json'),
  ],
  broken: [
    ...list(
      'text/plain ~ image/png ~ multipart/form-data; boundary=x ~ multipart/form-data ~ multipart/mixed ~ ~ ;;/ ~ /',
    ),
    ...list(
      'application/json; charset=x ~ application/json;charset ~ application/json, text/plain ~ a/b; c=" ~ \u00e4',
    ),
    ...['multipart/form-data; boundary=', long],
  ],
};
export const optionalHeaders: readonly Parts[] = [
  named('Accept', {
    valid: [
      ...list('*/* ~ application/json ~ application/graphql-response+json ~ text/event-stream ~ application/json, */*'),
      ...list('text/event-stream;q=0.5, */* ~ application/*'),
    ],
    broken: [...list('~ ;;,,/ ~ image/png ~ \u00e4 ~ a;q=x ~ */*;q=0 ~ multipart/mixed ~ text/html'), ','.repeat(1000)],
  }),
  named('Authorization', {
    valid: list('Bearer sandbox-token ~ Bearer other ~ bearer sandbox-token'),
    broken: [
      ...list(
        'Bearer ~ Basic a ~ ~ \u00e4 ~ Bearer \u00e4 ~ Bearer a b ~ Bearer a\tb ~ Bearer a\r\nAuthorization: Bearer b',
      ),
      `Bearer ${long}`,
    ],
  }),
  { valid: ['Apollo-Require-Preflight: 1'], broken: list('X-GraphQL-Yoga-CSRF: \u00e4 ~ Apollo-Require-Preflight:') },
  {
    valid: ['Apollo-Require-Preflight: 1'],
    broken: list('X-Apollo-Operation-Name: \u0080 ~ Apollo-Require-Preflight: ,'),
  },
  named('Content-Encoding', {
    valid: ['identity'],
    broken: list('gzip ~ br ~ deflate ~ zstd ~ x ~ ~ \u00e4 ~ gzip, gzip'),
  }),
  named('Origin', {
    valid: ['http://gateway.example'],
    broken: list('null ~ https://evil.example ~ [ ~ ~ \u00e4 ~ http://[ ~ //'),
  }),
  named('Expect', { valid: ['100-continue'], broken: list('more ~ ~ \u00e4 ~ 100-continue, more') }),
  named('Cookie', { valid: ['a=b'], broken: [...list('~ ; ~ = ~ __proto__=1 ~ \u00e4'), long] }),
  named('Access-Control-Request-Method', { valid: ['POST'], broken: list('~ \u00e4 ~ a b') }),
  named('X-Request-Id', { valid: ['a'], broken: [...list('~ \u00e4 ~ a\tb ~ a b ~ a, b'), long] }),
  {
    valid: [
      ...list(
        'Traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 ~ Cache-Control: no-cache ~ If-None-Match: *',
      ),
      ...list(
        'Range: bytes=0-1 ~ TE: trailers ~ Keep-Alive: timeout=5 ~ Via: 1.1 a ~ Connection: close ~ Max-Forwards: 0',
      ),
    ],
    broken: [
      ...list(
        'Traceparent: \u00e4 ~ Traceparent: ~ Tracestate: \u00e4 ~ Cache-Control: \u00e4 ~ Last-Event-ID: \u00e4 ~ Trailer: \u00e4',
      ),
      ...list(
        '__proto__: a ~ constructor: a ~ toString: a ~ X-Forwarded-Host: [ ~ Forwarded: host=" ~ X-Forwarded-Proto: \u00e4',
      ),
      ...list('X-GraphQL-Event-Stream-Token: a ~ Keep-Alive: timeout=\u00e4 ~ Connection: \u00e4 ~ Connection: host'),
    ],
  },
];
export const brokenHeaders = [
  ...list(
    'A ~ : a ~ A : b ~ A: \u0000 ~ A: \u0001 ~ A\u00e4: b ~ A: b\rC: d ~ A: b\nC: d ~ \u0000 ~ A: b\r\n c ~ () ~ A:',
  ),
  ...[' A: b', `A: ${tooLong}`, `${tooLong}: a`, 'A: b\r\n'.repeat(3000)],
];
/** What stands where the empty line and the body should be. */
export const brokenEnds = list('\n ~ \r ~ ~ \r\n\r\n ~ \r\n\u0000 ~ \r\nGET / HTTP/1.1\r\n\r\n ~ \r\n\r\n\r\n\r\n');
