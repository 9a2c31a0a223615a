/** Ever new documents, all valid and no two alike once parsed: other fields in another order, under other names. */
import { fields } from '../../src/graphql/fields.ts';

const logFields = Object.entries(fields.ViberLog).flatMap(([name, { kind }]) => (kind === 'leaf' ? [name] : []));
const messageFields = Object.keys(fields.ViberMessage).filter((name) => name !== 'requestId');

export function strangeDocument(index: number): string {
  const ofLog = chosen(logFields, index, index);
  const ofMessage = chosen(messageFields, index >> 2, index);
  return `query Strange${index} {
  log${index}: viberLog(requestId: "recipients-2-strange-${index}") {
    ... on ViberLog { ${ofLog.join(' ')} rows${index}: messages { ${ofMessage.join(' ')} } }
    ... on NotFound { code }
  }
}`;
}

/** The fields whose bits are set, and always one; begun elsewhere each time, every third under another name. */
function chosen(fields: readonly string[], bits: number, index: number): string[] {
  const turned = fields.map((_, place) => fields[(place + index) % fields.length] as string);
  const some = turned.filter((_, place) => (bits >> place) & 1);
  return (some.length > 0 ? some : turned.slice(0, 1)).map((field, place) =>
    (place + index) % 3 === 0 ? `as${index}${field}: ${field}` : field,
  );
}
