/**
 * Finds where the tokens of JSON (RFC 8259) end, in bytes that are known to be UTF-8.
 *
 * It finds the end of canonical tokens only: names without escapes, and scalars whose bytes can go out as they are. Any other token is
 * `notCanonical`, whether or not it is JSON.
 */

import { skipPlainText } from './words.ts';

export const notCanonical = -1;

export const quote = 0x22;
export const comma = 0x2c;
const colon = 0x3a;
export const openList = 0x5b;
export const closeList = 0x5d;
export const openObject = 0x7b;
export const closeObject = 0x7d;
export const backslash = 0x5c;
const plus = 0x2b;
const minus = 0x2d;
export const point = 0x2e;
export const zero = 0x30;
const nine = 0x39;

/** GraphQL's Int has 32 bits. */
export const largestInt = 2 ** 31 - 1;

const nullToken = Buffer.from('null');
const booleans = ['true', 'false'].map((literal) => Buffer.from(literal));
const letterN = 0x6e;

export function skipSpace(bytes: Buffer, at: number): number {
  let i = at;
  while (isSpace(bytes[i])) i += 1;
  return i;
}

export function isAt(bytes: Buffer, at: number, token: Uint8Array): boolean {
  for (let i = 0; i < token.length; i += 1) if (bytes[at + i] !== token[i]) return false;
  return true;
}

/** The end of a name in an object. A name with an escape is not canonical, since the comparison of bytes would not recognize it. */
export function endOfName(bytes: Buffer, at: number): number {
  if (bytes[at] !== quote) return notCanonical;
  for (let i = at + 1; i < bytes.length; i += 1) {
    const byte = bytes[i] as number;
    if (byte === quote) return i + 1;
    if (byte < 0x20 || byte === backslash) return notCanonical;
  }
  return notCanonical;
}

/** Where the value of a name begins, past the colon. */
export function startOfValue(bytes: Buffer, nameEnd: number): number {
  const colonAt = nameEnd === notCanonical ? notCanonical : skipSpace(bytes, nameEnd);
  return bytes[colonAt] === colon ? skipSpace(bytes, colonAt + 1) : notCanonical;
}

/** The end of a string, a number, null or a boolean. Lists and objects are not canonical. @param view of the bytes. */
export function endOfScalar(bytes: Buffer, view: DataView, at: number): number {
  const byte = bytes[at];
  if (byte === quote) return endOfString(bytes, view, at);
  if (byte !== undefined && beginsNumber(byte)) return endOfNumber(bytes, at);
  // Null is the usual one.
  if (isAt(bytes, at, nullToken)) return at + nullToken.length;
  for (const literal of booleans) if (isAt(bytes, at, literal)) return at + literal.length;
  return notCanonical;
}

/** The end of a scalar that is known to be canonical. */
export function endOfKnownScalar(bytes: Buffer, view: DataView, at: number): number {
  let i = at + 1;
  if (bytes[at] === quote) {
    i = skipPlainText(view, i);
    while (bytes[i] !== quote) i += bytes[i] === backslash ? 2 : 1;
    return i + 1;
  }
  while (!endsScalar(bytes[i])) i += 1;
  return i;
}

/** Neither a number nor a literal has a byte of what may follow it. */
function endsScalar(byte: number | undefined): boolean {
  return byte === comma || byte === closeObject || isSpace(byte);
}

export function beginsNumber(byte: number): boolean {
  return byte === minus || isDigit(byte);
}

/** Whether the canonical scalar that begins here is null. */
export function isNull(bytes: Buffer, at: number): boolean {
  return bytes[at] === letterN;
}

/** Whether the value is this string. @param text ASCII without quotes, backslashes or control characters. */
export function isString(bytes: Buffer, start: number, end: number, text: string): boolean {
  if (end - start !== text.length + 2 || bytes[start] !== quote) return false;
  for (let i = 0; i < text.length; i += 1) if (bytes[start + 1 + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** The same without regard to the case of ASCII letters. */
export function isStringInAnyCase(bytes: Buffer, start: number, end: number, text: string): boolean {
  if (isString(bytes, start, end, text)) return true;
  if (end - start !== text.length + 2 || bytes[start] !== quote) return false;
  return isSameInAnyCase(bytes.toString('latin1', start + 1, end - 1), text);
}

/** Without regard to the case of ASCII letters: `toLowerCase` alone would take the Kelvin sign for a k. */
export function isSameInAnyCase(one: string, other: string): boolean {
  return one.length === other.length && inLowerCase(one) === inLowerCase(other);
}

function inLowerCase(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Whether a canonical scalar is a whole number that GraphQL's Int can hold. */
export function isCount(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i += 1) if (!isDigit(bytes[i])) return false;
  return end - start < 10 || countAt(bytes, start, end) <= largestInt;
}

/** The value of a scalar for which `isCount` is true. */
export function countAt(bytes: Buffer, start: number, end: number): number {
  let count = 0;
  for (let i = start; i < end; i += 1) count = count * 10 + (bytes[i] as number) - zero;
  return count;
}

/** @param view of the bytes. */
export function endOfString(bytes: Buffer, view: DataView, at: number): number {
  for (let i = skipPlainText(view, at + 1); i < bytes.length; i += 1) {
    const byte = bytes[i] as number;
    if (byte === quote) return i + 1;
    if (byte < 0x20) return notCanonical;
    if (byte === backslash) {
      i = lastOfEscape(bytes, i);
      if (i === notCanonical) return notCanonical;
    }
  }
  return notCanonical;
}

function lastOfEscape(bytes: Buffer, at: number): number {
  const after = bytes.toString('latin1', at + 1, at + 6);
  if (/^["\\/bfnrt]/.test(after)) return at + 1;
  return /^u[0-9a-fA-F]{4}$/.test(after) ? at + 5 : notCanonical;
}

/** A number is canonical where JavaScript writes it with the same characters: 0.0004 is, 4e-4 and 0.00040 are not. */
function endOfNumber(bytes: Buffer, at: number): number {
  let pointAt = 0;
  let end = at;
  for (; ; end += 1) {
    const byte = bytes[end];
    if (isDigit(byte)) continue;
    if (byte !== point || pointAt !== 0) break;
    pointAt = end;
  }
  if (isNumberPart(bytes[end])) return endOfLongNumber(bytes, at, end);
  return isShortDecimal(bytes, at, end, pointAt) ? end : endOfLongNumber(bytes, at, end);
}

function endOfLongNumber(bytes: Buffer, at: number, from: number): number {
  let end = from;
  while (isNumberPart(bytes[end])) end += 1;
  const text = bytes.toString('latin1', at, end);
  return String(Number(text)) === text ? end : notCanonical;
}

/**
 * The form of most numbers, which is canonical: a few digits, and a few decimals of which the last is not 0. It needs no string.
 *
 * @param pointAt where its point is, if it has one.
 */
function isShortDecimal(bytes: Buffer, start: number, end: number, pointAt: number): boolean {
  if (end - start > 15) return false;
  const wholeEnd = pointAt === 0 ? end : pointAt;
  const isWhole = wholeEnd > start && (bytes[start] !== zero || wholeEnd === start + 1);
  if (pointAt === 0) return isWhole;
  // JavaScript writes a number with more decimals with an exponent where it is small enough.
  return isWhole && end - pointAt > 1 && end - pointAt <= 7 && bytes[end - 1] !== zero;
}

function isNumberPart(byte: number | undefined): boolean {
  return isDigit(byte) || byte === point || byte === plus || byte === minus || byte === 0x45 || byte === 0x65;
}

export function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= zero && byte <= nine;
}

/** Space, tab, line feed, carriage return. */
function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}
