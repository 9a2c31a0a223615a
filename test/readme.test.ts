/** The README is true: its commands, its files, its tables and its example. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { settings } from '../src/settings.ts';
import { openHouse } from './house.ts';
import { codesIn, readme, tableUnder } from './readme.ts';

const root = new URL('..', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'));

it('names only npm scripts that exist, and all of them', () => {
  const fences = [...readme.matchAll(/^```sh\n(.+?)^```$/gms)].map(([, commands]) => commands);
  const commands = [...codesIn(readme), ...fences].join('\n');
  const named = [...commands.matchAll(/npm (?:run )?([a-z]+)/g)]
    .map(([, name]) => name)
    .filter((name) => name !== 'ci');
  expect([...new Set(named)].toSorted()).toEqual(Object.keys(manifest.scripts).toSorted());
});

it('opens with a picture and the two commands', () => {
  const opening = readme.split(/^## /m)[0] ?? '';
  expect(opening.match(/npm ci && npm (run sandbox|test)/g)).toEqual([
    'npm ci && npm run sandbox',
    'npm ci && npm test',
  ]);
  expect(opening.indexOf('![')).toBeLessThan(opening.indexOf('npm ci'));
});

it('names only files that exist', () => {
  const linked = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, path]) => path as string);
  const named = codesIn(readme).filter((code) => /^(src|schema|test)\/|\.(ts|json)$/.test(code));
  expect(named.length).toBeGreaterThan(15);
  expect([...linked, ...named].filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
});

it('tells for every file of src what it is for', () => {
  const told = codesIn(
    tableUnder('The house')
      .map(([, open]) => open)
      .join(),
  );
  const files = readdirSync(new URL('src/', root), { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  const untold = files.map((path) => `src/${path}`).filter((path) => !told.includes(path));
  expect(untold.toSorted()).toEqual([
    'src/d7/retry-after.ts',
    'src/graphql/schema-types.ts',
    'src/graphql/schema.ts',
    'src/sandbox/answers.ts',
    'src/sandbox/logs.ts',
    'src/sandbox/page.ts',
    'src/sandbox/sandbox.ts',
    'src/sandbox/scenario.ts',
    'src/sandbox/scenarios.ts',
  ]);
});

it('names hazards of sharing and following that have a test each, and settings that exist', () => {
  const rows = tableUnder('Hazards of sharing and following');
  const tests = readdirSync(new URL('test/', root)).filter((name) => name.endsWith('.test.ts'));
  const source = tests.map((name) => readFileSync(new URL(`test/${name}`, root), 'utf8')).join('\n');
  // A test of each name, alone or before what tells one row of its table from the next.
  const isTitle = (name = '') =>
    source.includes(`'${name}'`) ||
    source.includes(`'${name}: `) ||
    source.includes(`'${name} (`) ||
    source.includes(`'${name}, `);
  expect(rows.length).toBeGreaterThan(20);
  expect(rows.map(([name]) => name).filter((name) => !isTitle(name))).toEqual([]);
  const named = rows.flatMap(([, , setting = '']) => codesIn(setting));
  expect(named.filter((name) => !(name in settings))).toEqual([]);
});

it('shows the routers as the tests run them', () => {
  for (const name of ['hive-gateway', 'apollo-gateway']) {
    expect(readme).toContain(`\`\`\`ts\n${readFileSync(new URL(`test/federation/${name}.ts`, root), 'utf8')}\`\`\`\n`);
  }
});

it('gives a reason for every package', () => {
  const packages = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
  expect(packages.filter((name) => !readme.includes(name) && !name.startsWith('@graphql-codegen/'))).toEqual([]);
});

it('holds the top level to what it is', () => {
  const plain = readdirSync(root).filter((name) => !name.startsWith('.') && name !== 'node_modules');
  expect(plain.toSorted()).toEqual([
    'LICENSE',
    'README.md',
    'biome.json',
    'codegen.ts',
    'package-lock.json',
    'package.json',
    'schema',
    'src',
    'test',
    'tsconfig.json',
  ]);
});

it('shows a query and just what it answers', async () => {
  const [, query = ''] = /```graphql\n(.+?)```/s.exec(readme) ?? [];
  const [, answer = ''] = /```json\n(.+?)```/s.exec(readme) ?? [];
  await using house = await openHouse();
  const { body } = await house.ask(query);
  for (const error of body.errors) delete error.locations;
  expect(body).toEqual(JSON.parse(answer));
});

it('keeps download addresses out of the lockfile', () => {
  expect(readFileSync(new URL('package-lock.json', root), 'utf8')).not.toContain('"resolved"');
});
