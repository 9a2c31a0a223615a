/**
 * Bundles the board into `dist`: `npm run board`. The files are committed, since the gateway has no build, and production has no bundler. A test
 * compares them with a new build.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';

const here = new URL('.', import.meta.url);
const modules = new URL('../../node_modules/', here);
const font = '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2';
/** Whose code or font is in the bundle. */
const bundled = ['preact', '@urql/core', '@0no-co/graphql.web', 'wonka', 'graphql-ws', '@fontsource-variable/inter'];

if (import.meta.main) {
  const dist = new URL('dist/', here);
  rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist);
  for (const [name, content] of await builtFiles()) writeFileSync(new URL(name, dist), content);
}

/** Name and content of each file of `dist`. */
export async function builtFiles(): Promise<Map<string, Uint8Array>> {
  const { outputFiles } = await build({
    entryPoints: { board: new URL('main.tsx', here).pathname, style: new URL('board.css', here).pathname },
    bundle: true,
    minify: true,
    write: false,
    outdir: '/',
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    external: ['*.woff2'],
    legalComments: 'none',
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  const files = new Map<string, Uint8Array>();
  for (const { path, contents } of outputFiles) files.set(path.slice(1).replace('style.css', 'board.css'), contents);
  for (const name of ['index.html', 'icon.svg']) files.set(name, readFileSync(new URL(name, here)));
  files.set('inter.woff2', readFileSync(new URL(font, modules)));
  files.set('licenses.txt', new TextEncoder().encode(bundled.map(licenseOf).join('\n\n')));
  return files;
}

function licenseOf(name: string): string {
  const folder = new URL(`${name}/`, modules);
  const file = readdirSync(folder).find((one) => /^license/i.test(one));
  if (file === undefined) throw new Error(`${name} has no license file.`);
  return `${name}\n\n${readFileSync(new URL(file, folder), 'utf8').trim()}\n`;
}
