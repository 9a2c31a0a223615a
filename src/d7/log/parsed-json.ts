/**
 * JSON.parse for a body of D7, and what its values are called in the operator's log.
 */
import { isUtf8 } from 'node:buffer';

export type JsonObject = Record<string, unknown>;

/**
 * Undefined where the body is not JSON. The parser's own message is dropped, since it quotes the body. JSON is UTF-8 (RFC 8259,
 * section 8.1): other bytes would become replacement characters, and a wrong value would go out.
 */
export function parseJson(body: Buffer): unknown {
  if (!isUtf8(body)) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** An integer that a number of JavaScript does not hold. */
export class IntegerDigits {
  readonly digits: string;

  constructor(digits: string) {
    this.digits = digits;
  }
}

type Reviver = (name: string, value: unknown, context: { source?: string }) => unknown;

/** The same for JSON that is valid, with `IntegerDigits` for each integer under these names that JavaScript rounds. */
export function parseWithDigits(body: Buffer, names: ReadonlySet<string>): unknown {
  const revive: Reviver = (name, value, { source = '' }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && names.has(name) && /^\d+$/.test(source)
      ? new IntegerDigits(source)
      : value;
  return JSON.parse(body.toString('utf8'), revive as Parameters<typeof JSON.parse>[1]);
}

/** Without a byte order mark, which a parser may ignore (RFC 8259, section 8.1). */
export function withoutByteOrderMark(body: Buffer): Buffer {
  return body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? body.subarray(3) : body;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function typeNameOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'object':
      return 'an object';
    case 'number':
      return 'another number';
    default:
      return `a ${typeof value}`;
  }
}
