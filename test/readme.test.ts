/** The documents are true: their commands, their files, their tables and their example. */
import { existsSync, readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { openHouse } from './house.ts';
import { codesIn, documentAt, readme, tableUnder } from './readme.ts';

const root = new URL('..', import.meta.url);
const contributing = documentAt('.github/CONTRIBUTING.md');
const documents = [
  '.deploy/README.md',
  '.deploy/grafana/README.md',
  'README.md',
  '.github/CHANGELOG.md',
  '.github/CONTRIBUTING.md',
  '.github/ERRORS.md',
  '.github/SECURITY.md',
  'src/board/README.md',
  'test/bench/README.md',
  'test/clients/README.md',
  'test/fairness/README.md',
  'test/federation/README.md',
  'test/hazards.md',
];

it('is short', () => {
  expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(250);
});

it('opens with a picture and the two commands', () => {
  const opening = readme.split(/^## /m)[0] ?? '';
  expect(opening.match(/npm ci && npm (run sandbox|test)/g)).toEqual([
    'npm ci && npm run sandbox',
    'npm ci && npm test',
  ]);
  expect(opening.indexOf('![')).toBeLessThan(opening.indexOf('npm ci'));
});

it('shows a query and its result', async () => {
  const [, query = ''] = /```graphql\n(.+?)```/s.exec(readme) ?? [];
  const [, answer = ''] = /```json\n(.+?)```/s.exec(readme) ?? [];
  await using house = await openHouse();
  const { body } = await house.ask(query);
  for (const error of body.errors) delete error.locations;
  expect(body).toEqual(JSON.parse(answer));
});

it('has a picture that names files of each room', () => {
  const [, picture = ''] = /^## Architecture\n\n```\n(.+?)```/ms.exec(readme) ?? [];
  const named = picture.split(/^(?=\S+\/ )/m).flatMap((part) => {
    const [, room = ''] = /^(\S+\/) /.exec(part) ?? [];
    return [...part.matchAll(/[\w/-]+\.ts/g)].map(([file]) => `src/${room}${file}`);
  });
  expect(new Set(named.map((path) => path.split('/')[1]))).toEqual(new Set(['inbound', 'graphql', 'viber-log', 'd7']));
  expect(named.filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
});

it.each(documents)('%s names only files that exist', (path) => {
  const document = documentAt(path);
  const here = new URL(path, root);
  const linked = [...document.matchAll(/\]\((?!https:)([^)]+)\)/g)].map(([, link]) => link as string);
  expect(linked.filter((link) => !existsSync(new URL(link, here)))).toEqual([]);
  const named = codesIn(document).filter((code) => /^(src|schema|test|\.github|\.deploy)\/|\.(ts|json|md)$/.test(code));
  const missing = named.filter((code) => ![root, here].some((base) => existsSync(new URL(code, base))));
  expect(missing).toEqual([]);
});

it('names only npm scripts that exist, and all of them', () => {
  const texts = documents.map(documentAt);
  const fences = texts.flatMap((text) => [...text.matchAll(/^```sh\n(.+?)^```$/gms)].map(([, commands]) => commands));
  const commands = [...texts.flatMap(codesIn), ...fences].join('\n');
  const named = [...commands.matchAll(/npm (?:run )?([a-z]+)/g)]
    .map(([, name]) => name)
    .filter((name = '') => !['ci', 'install'].includes(name));
  expect([...new Set(named)].toSorted()).toEqual(Object.keys(manifest.scripts).toSorted());
});

it('has a row in the file guide for every file of src', () => {
  const opened = tableUnder('File guide', contributing).map(([, open]) => open);
  const guided = codesIn(opened.join());
  const files = readdirSync(new URL('src/', root), { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  expect(files.map((path) => `src/${path}`).filter((path) => !guided.includes(path))).toEqual([]);
});

it('gives a reason for every package, and for no other', () => {
  const rows = tableUnder('Packages', contributing);
  const packages = Object.keys({
    ...manifest.dependencies,
    ...manifest.optionalDependencies,
    ...manifest.devDependencies,
  });
  expect(codesIn(rows.map(([names]) => names).join()).toSorted()).toEqual(packages.toSorted());
  expect(rows.filter(([, reason]) => !reason)).toEqual([]);
});

it('shows the routers as the tests run them', () => {
  const recipes = documentAt('test/federation/README.md');
  for (const name of ['hive-gateway', 'apollo-gateway']) {
    expect(recipes).toContain(`\`\`\`ts\n${documentAt(`test/federation/${name}.ts`)}\`\`\`\n`);
  }
});

it('shows the clients as the tests run them', () => {
  const recipes = documentAt('test/clients/README.md');
  for (const name of ['documents/logs', 'apollo-client', 'urql', 'relay', 'relay/logs', 'graphql-request', 'fetch']) {
    expect(recipes).toContain(`\`\`\`ts\n${documentAt(`test/clients/${name}.ts`)}\`\`\`\n`);
  }
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

it('keeps download addresses out of the lockfile', () => {
  expect(documentAt('package-lock.json')).not.toContain('"resolved"');
});

// The pinned Node is an optional package, so npm would not report that it could not install it.
it('runs its scripts on the Node that it pins', () => {
  expect(process.versions.node).toBe(manifest.optionalDependencies.node);
});

it('declares the Node that it pins as its engine, in the lockfile as well', () => {
  const major = Number.parseInt(manifest.optionalDependencies.node, 10);
  expect(manifest.engines).toEqual({ node: `>=${major} <${major + 1}` });
  expect(JSON.parse(documentAt('package-lock.json')).packages[''].engines).toEqual(manifest.engines);
});
