/** Imports run one way, types included: no cycles, no room that knows a room before it. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, it } from 'vitest';

const src = new URL('../src/', import.meta.url).pathname;
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));
const importsOf = new Map(files.map((file) => [file, importsIn(file)]));

function importsIn(file: string): string[] {
  const text = readFileSync(join(src, file), 'utf8');
  return [...text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, path = '']) =>
    normalize(join(dirname(file), path)),
  );
}

/** Each room may import those after it. */
const rooms = [
  'main',
  'workers',
  'server',
  'metrics',
  'traces',
  'inbound',
  'graphql/fast-path',
  'graphql',
  'viber-log',
  'd7',
  'd7/log',
];
/** Files that any room may use, and that use none. */
const shared = new Set([
  'telemetry.ts',
  'bytes-in-flight.ts',
  'linked-list.ts',
  'standard-output.ts',
  'setting-kinds.ts',
]);

function roomOf(file: string): number {
  const name = file.replace(/\.tsx?$/, '');
  const own = rooms
    .filter((room) => name === room || name.startsWith(`${room}/`))
    .toSorted((a, b) => b.length - a.length);
  return own[0] === undefined ? -1 : rooms.indexOf(own[0]);
}

it('no file imports itself, by whichever way', () => {
  const done = new Set<string>();
  const cycles: string[] = [];
  function walk(file: string, path: readonly string[]): void {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' → '));
    if (done.has(file) || path.includes(file)) return;
    for (const next of importsOf.get(file) ?? []) walk(next, [...path, file]);
    done.add(file);
  }
  for (const file of files) walk(file, []);
  expect(cycles).toEqual([]);
});

it('no room imports a room before it', () => {
  const upward = [...importsOf].flatMap(([file, imports]) =>
    imports
      .filter((other) => roomOf(file) >= 0 && roomOf(other) >= 0 && roomOf(other) < roomOf(file))
      .map((other) => `${file} → ${other}`),
  );
  expect(upward).toEqual([]);
});

it('what all rooms share imports none of them', () => {
  const known = [...shared].flatMap((file) => (importsOf.get(file) ?? []).filter((other) => roomOf(other) >= 0));
  expect(known).toEqual([]);
});

it('the sandbox imports no other room, and only the demo imports it', () => {
  const isSandbox = (file: string) => file.startsWith('sandbox/');
  const edges = [...importsOf].flatMap(([file, imports]) => imports.map((other) => [file, other] as const));
  expect(edges.filter(([file, other]) => isSandbox(file) && !isSandbox(other))).toEqual([]);
  expect(edges.filter(([file, other]) => !isSandbox(file) && isSandbox(other)).map(([file]) => file)).toEqual(
    edges.filter(([file, other]) => file === 'demo.ts' && isSandbox(other)).map(([file]) => file),
  );
});

it('the board imports no room, and no room imports it', () => {
  const isBoard = (file: string) => file.startsWith('board/');
  const edges = [...importsOf].flatMap(([file, imports]) => imports.map((other) => [file, other] as const));
  expect(edges.filter(([file, other]) => isBoard(file) !== isBoard(other))).toEqual([
    // The codes of errors are part of the public schema.
    ['board/problems.ts', '../schema/error-codes.ts'],
  ]);
  expect(edges.filter(([file]) => isBoard(file)).length).toBeGreaterThan(50);
});

it('nothing imports the doctor', () => {
  const isDoctor = (file: string) => file.startsWith('doctor/');
  const edges = [...importsOf].flatMap(([file, imports]) => imports.map((other) => [file, other] as const));
  expect(edges.filter(([file, other]) => !isDoctor(file) && isDoctor(other))).toEqual([]);
});
