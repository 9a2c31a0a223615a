/** Where tokens of JSON end, and which of them are canonical. */
import { describe, expect, it } from 'vitest';
import * as json from '../src/d7/log/json-tokens.ts';
import { viewOf } from '../src/d7/log/words.ts';

/** The end of the text, or none. */
const all = 'all';
const none = 'none';

describe('the end of a scalar', () => {
  it.each([
    ['""', all],
    ['"a"', all],
    ['" "', all],
    ['"é😀"', all],
    ['"a', none],
    ['"', none],
    ['"a\\', none],
    ['"a\u0001"', none],
    ['"\u001f"', none],
    ['"\\""', all],
    ['"\\\\"', all],
    ['"\\/\\b\\f\\n\\r\\t"', all],
    ['"\\x"', none],
    ['"\\ n"', none],
    ['"\\u00e9"', all],
    ['"\\uABCDa"', all],
    ['"\\u00g9"', none],
    ['"\\u00e"', none],
    ['"\\u0041', none],
    ['"x\\u0041\\n', none],
    ['null', all],
    ['true', all],
    ['false', all],
    ['nul', none],
    ['Null', none],
    ['fals', none],
    ['', none],
    ['x', none],
    ['{}', none],
    ['[]', none],
    ['0', all],
    ['7', all],
    ['9', all],
    ['10', all],
    ['-1', all],
    ['-10.5', all],
    ['123456789012345', all],
    ['1234567890123456', all],
    ['12345678901234567', none],
    ['00', none],
    ['01', none],
    ['-0', none],
    ['-', none],
    ['--1', none],
    ['+1', none],
    ['.5', none],
    ['0.1', all],
    ['10.5', all],
    ['0.05', all],
    ['0.10', none],
    ['1.0', none],
    ['0.0', none],
    ['1.', none],
    ['00.5', none],
    ['01.5', none],
    ['1.2.3', none],
    ['1.2.', none],
    ['12-3', none],
    ['0.000001', all],
    ['0.0000001', none],
    ['0.00000012', none],
    ['1.2345678', all],
    ['1.23456780', none],
    ['1234567890123.5', all],
    ['12345678901234.5', all],
    ['4e-7', all],
    ['4E-7', none],
    ['4e-4', none],
    ['1e5', none],
    ['1e21', none],
    ['1e+21', all],
    ['1e400', none],
  ])('%j has it at: %s', (text, end) => {
    const bytes = Buffer.from(text);
    const expected = end === all ? bytes.length : json.notCanonical;
    expect(json.endOfScalar(bytes, viewOf(bytes), 0)).toBe(expected);
    // What is around a token does not belong to it.
    const inside = Buffer.from(`[1,${text},2]`);
    if (end === all) expect(json.endOfScalar(inside, viewOf(inside), 3)).toBe(3 + bytes.length);
  });
});

it('that is not canonical ends at no place', () => {
  expect(json.notCanonical).toBeLessThan(0);
});

describe('the end of a name', () => {
  it.each([
    ['""', 2],
    ['"a"', 3],
    ['" "', 3],
    ['"a":1', 3],
    ['a"', none],
    ['"a', none],
    ['"', none],
    ['"\\u0061"', none],
    ['"a\u0001"', none],
    ['"\u001f"', none],
  ])('%j has it at: %s', (text, end) => {
    expect(json.endOfName(Buffer.from(text), 0)).toBe(end === none ? json.notCanonical : end);
  });
});

describe('the start of a value', () => {
  it.each([
    [':1', 0, 1],
    [' \t: \n1', 0, 5],
    ['"a":1', 3, 4],
    ['"a",1', 3, none],
    ['1', 0, none],
    [':1', json.notCanonical, none],
  ])('%j has it, after the name that ends at %i, at: %s', (text, nameEnd, start) => {
    expect(json.startOfValue(Buffer.from(text), nameEnd)).toBe(start === none ? json.notCanonical : start);
  });
});

it.each([
  ['x', 0],
  [' \t\n\rx', 4],
  ['   ', 3],
  ['', 0],
  ['\u000bx', 0],
  ['\u000cx', 0],
])('space before %j ends at %i', (text, end) => {
  expect(json.skipSpace(Buffer.from(text), 0)).toBe(end);
  expect(json.skipSpace(Buffer.from(`x${text}`), 1)).toBe(end + 1);
});

it.each([
  ['xab', true],
  ['xabc', true],
  ['xa', false],
  ['xba', false],
  ['xac', false],
  ['xxab', false],
])('ab is at 1 in %j: %s', (text, isThere) => {
  expect(json.isAt(Buffer.from(text), 1, Buffer.from('ab'))).toBe(isThere);
});

it.each([
  ['-', true],
  ['0', true],
  ['9', true],
  ['/', false],
  [':', false],
  ['+', false],
  ['.', false],
  ['"', false],
])('%j begins a number: %s', (text, begins) => {
  expect(json.beginsNumber(text.charCodeAt(0))).toBe(begins);
});

it.each([
  ['null', true],
  ['"n"', false],
  ['true', false],
  ['0', false],
])('%j is null: %s', (text, isNull) => {
  expect(json.isNull(Buffer.from(text), 0)).toBe(isNull);
});

it.each([
  ['0', true],
  ['7', true],
  ['999999999', true],
  ['1000000000', true],
  ['2147483647', true],
  ['2147483648', false],
  ['9999999999', false],
  ['99999999999', false],
  ['-1', false],
  ['1.5', false],
  ['1/', false],
  ['1:', false],
  ['null', false],
  ['"1"', false],
])('%j is a count: %s', (text, isCount) => {
  const bytes = Buffer.from(`,${text},`);
  expect(json.isCount(bytes, 1, bytes.length - 1)).toBe(isCount);
  if (isCount) expect(json.countAt(bytes, 1, bytes.length - 1)).toBe(Number(text));
});

describe('a string', () => {
  it.each([
    ['"r1"', 'r1', true, true],
    ['"R1"', 'r1', false, true],
    ['"r1"', 'R1', false, true],
    ['"aZ"', 'Az', false, true],
    ['"r2"', 'r1', false, false],
    ['"r"', 'r1', false, false],
    ['"r11"', 'r1', false, false],
    ['[r1]', 'r1', false, false],
    ['[R1]', 'r1', false, false],
    ['""', '', true, true],
    ['"["', '{', false, false],
    ['"@"', '`', false, false],
  ])('%s is %s: %s, and in any case: %s', (token, text, isSame, isSameInAnyCase) => {
    const bytes = Buffer.from(`,${token},`);
    expect(json.isString(bytes, 1, bytes.length - 1, text)).toBe(isSame);
    expect(json.isStringInAnyCase(bytes, 1, bytes.length - 1, text)).toBe(isSameInAnyCase);
  });

  it.each([
    ['', '', true],
    ['aZ', 'Az', true],
    ['a', 'b', false],
    ['a', 'aa', false],
    ['\u212a', 'k', false],
    ['\u017f', 's', false],
  ])('%j is %j in any case: %s', (one, other, isSame) => {
    expect(json.isSameInAnyCase(one, other)).toBe(isSame);
  });
});
