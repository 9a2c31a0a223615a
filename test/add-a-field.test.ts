/** The recipe "How to add a field" of CONTRIBUTING.md, followed on a copy; and what happens when the schema grows without the table. */
import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const root = new URL('..', import.meta.url).pathname;
const run = promisify(execFile);
const schemaFile = 'schema/viber-log.graphql';
const messagesArguments = '"Which messages to list. Null: all." filter: ViberMessageFilter): [';
const tableFile = 'src/graphql/fields.ts';

/** The project without its tests, but with their typed documents, to be changed. */
function openCopy() {
  const folder = mkdtempSync(join(tmpdir(), 'viber-log-gateway-'));
  const documents = ['test/documents', 'test/clients/documents'];
  for (const part of ['src', 'schema', ...documents, 'codegen.ts', 'package.json', 'tsconfig.json']) {
    cpSync(join(root, part), join(folder, part), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));

  function edit(file: string, from: string, to: string): void {
    const text = readFileSync(join(folder, file), 'utf8');
    expect(text).toContain(from);
    writeFileSync(
      join(folder, file),
      text.replace(from, () => to),
    );
  }
  const execute = (program: string) => run(join(root, 'node_modules/.bin', program), { cwd: folder });
  /** What the compiler reports, after the types were generated anew. */
  async function typeErrors(): Promise<string> {
    await execute('graphql-codegen');
    return execute('tsc').then(
      () => '',
      ({ stdout }: { stdout: string }) => stdout,
    );
  }
  return { folder, edit, typeErrors, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

/** The gateway of the copy on its sandbox; or what it wrote when it did not start. */
async function start(folder: string) {
  const env = { PATH: process.env.PATH, PORT: '0', SANDBOX_PORT: '0', LOG_LEVEL: 'info' };
  const child = spawn(process.execPath, ['src/demo.ts'], { cwd: folder, env });
  let written = '';
  for (const output of [child.stdout, child.stderr]) output.on('data', (text) => (written += text));
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const isSettled = () => child.exitCode !== null || written.includes('"msg":"listening"');
  await expect.poll(isSettled, { timeout: 30_000 }).toBe(true);
  const line = written.split('\n').find((text) => text.includes('"msg":"listening"'));

  async function ask(query: string, accept: string) {
    const headers = { 'content-type': 'application/json', accept, authorization: 'Bearer sandbox-token' };
    const body = JSON.stringify({ query });
    return (await fetch(JSON.parse(line ?? '').url, { method: 'POST', headers, body })).json();
  }
  const close = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  return { isListening: line !== undefined, written: () => written, ask, [Symbol.asyncDispose]: close };
}

/** The code blocks of the recipe, by the file that their first line names. */
function recipeBlocks(): Map<string, string> {
  const text = readFileSync(join(root, '.github/CONTRIBUTING.md'), 'utf8');
  const blocks = text.matchAll(/```\w+\n(?:#|\/\/) recipe: ([\w./-]+)[^\n]*\n([\s\S]*?)```/g);
  return new Map([...blocks].map(([, file = '', code = '']) => [file, code.trimEnd()]));
}

const fastPath = 'application/json';
const throughYoga = 'application/json, text/html;q=0.1';

it('the recipe adds a field that both paths answer', async () => {
  using copy = openCopy();
  const blocks = recipeBlocks();
  expect([...blocks.keys()]).toEqual([schemaFile, tableFile, 'test/viber-log.test.ts']);
  copy.edit(schemaFile, '  channel: String\n', `  channel: String\n\n${blocks.get(schemaFile)}\n`);
  expect(await copy.typeErrors()).toMatch(/src\/graphql\/fields\.ts.*'messageCount' is missing/s);
  copy.edit(tableFile, '    messages: {', `    ${blocks.get(tableFile)}\n    messages: {`);
  expect(await copy.typeErrors()).toBe('');
  await using gateway = await start(copy.folder);
  const query = '{ viberLog(requestId: "recipients-3") { ... on ViberLog { messageCount } } }';
  expect(blocks.get('test/viber-log.test.ts')).toContain(query);
  for (const accept of [fastPath, throughYoga]) {
    expect(await gateway.ask(query, accept)).toEqual({ data: { viberLog: { messageCount: 3 } } });
  }
}, 120_000);

describe('the schema grows without the table', () => {
  it.each([
    ['an argument', messagesArguments, `first: Int, ${messagesArguments}`, 'ViberLog.messages'],
    ['a field of a summary', '  progress: Float!', '  progress: Float!\n  extra: Int', 'ViberLogSummary.extra'],
    ['a root field', 'type Query {', 'type Query {\n  totals(requestIds: [ID!]!): Int', 'Query.totals'],
    ['a field of an object type', '  channel: String', '  channel: String\n  first: ViberMessage', 'ViberLog.first'],
  ])(
    'by %s: it does not compile, and does not start',
    async (_what, from, to, name) => {
      using copy = openCopy();
      copy.edit(schemaFile, from, to);
      expect(await copy.typeErrors()).toContain(tableFile);
      await using gateway = await start(copy.folder);
      expect(gateway.isListening).toBe(false);
      expect(gateway.written()).toContain(name);
    },
    120_000,
  );
});

describe('the table grows with the schema', () => {
  it('by an argument that graphql-js executes: both ways answer alike', async () => {
    using copy = openCopy();
    copy.edit(schemaFile, messagesArguments, `first: Int, ${messagesArguments}`);
    copy.edit(
      tableFile,
      `    messages: {
      kind: 'messages',
      arguments: { filter: true },
      read: ({ log }, { filter }) => rowsMatching(log.messages, filter),
    },`,
      "    messages: { kind: 'graphql-js', resolve: ({ log }, { first }) => log.messages.decoded().slice(0, first ?? 100) },",
    );
    copy.edit(tableFile, "import { rowsMatching } from './views/matching-rows.ts';\n", '');
    expect(await copy.typeErrors()).toBe('');
    await using gateway = await start(copy.folder);
    for (const count of [1, 2, 3]) {
      const query = `{ viberLog(requestId: "recipients-5") { ... on ViberLog { messages(first: ${count}) { status } } } }`;
      for (const accept of [fastPath, throughYoga]) {
        const { data } = await gateway.ask(query, accept);
        expect(data.viberLog.messages).toHaveLength(count);
      }
    }
  }, 120_000);

  it('by a root field with a cost: its ids count', async () => {
    using copy = openCopy();
    copy.edit(schemaFile, 'type Query {', 'type Query {\n  totals(requestIds: [ID!]!): Int');
    copy.edit(
      tableFile,
      '  Query: {\n    viberLog: {',
      `  Query: {
    totals: {
      items: 'requestIds',
      resolve: async (_root, { requestIds }, context) =>
        (await Promise.all(readViberLogs(requestIds, context))).length,
    },
    viberLog: {`,
    );
    expect(await copy.typeErrors()).toBe('');
    await using gateway = await start(copy.folder);
    const ids = Array.from({ length: 101 }, (_, index) => `"recipients-1-${index}"`);
    const query = `{ ${[0, 1, 2].map((n) => `t${n}: totals(requestIds: [${ids.slice(n * 40, n * 40 + 40)}])`).join(' ')} }`;
    for (const accept of [fastPath, throughYoga]) {
      const { errors } = await gateway.ask(query, accept);
      expect(errors[0].extensions.code).toBe('MAX_UPSTREAM_CALLS_LIMIT');
    }
  }, 120_000);
});
