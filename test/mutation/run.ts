/**
 * Mutation tests with Stryker: `npm run mutate`, or `npm run mutate -- caches keys` for some groups. It exits with 1 below a wanted score.
 * With REPORTS=folder it writes the report of each group there, and tries again only what has changed since the report. A new test counts
 * as a change only for lines that it runs itself: what runs when the modules load is not tried again.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { groups } from './groups.ts';

const root = new URL('../..', import.meta.url).pathname;
const reports = process.env.REPORTS;
const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in groups));
if (unknown.length > 0)
  throw new Error(`Not known: ${unknown.join(', ')}. There are: ${Object.keys(groups).join(', ')}.`);

const rows = (names.length > 0 ? names : Object.keys(groups)).map(mutate);
console.log('| group | mutants | killed | survived | score | wanted |\n| --- | --: | --: | --: | --: | --: |');
for (const { name, total, killed, score, leastScore } of rows) {
  console.log(`| ${name} | ${total} | ${killed} | ${total - killed} | ${score.toFixed(0)} % | ≥ ${leastScore} % |`);
}
process.exitCode = rows.some(({ score, leastScore }) => score < leastScore) ? 1 : 0;

function mutate(name: string) {
  const { files, tests, leastScore, ignoreStatic = false } = groups[name] as (typeof groups)[string];
  const folder = mkdtempSync(join(tmpdir(), 'mutation-'));
  const report = join(folder, 'report.json');
  const config = join(folder, 'stryker.json');
  writeFileSync(
    config,
    JSON.stringify({
      testRunner: 'vitest',
      plugins: ['@stryker-mutator/vitest-runner'],
      // Node itself loads the modules, so Vite does not know which tests a file is related to.
      vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
      mutate: files,
      ignoreStatic,
      // TypeScript 7 does not have the API that Stryker would read these with.
      tsconfigFile: 'none.json',
      disableTypeChecks: false,
      reporters: ['clear-text', 'progress-append-only', 'json'],
      clearTextReporter: { reportTests: false, allowColor: false },
      jsonReporter: { fileName: report },
      incremental: reports !== undefined,
      incrementalFile: join(reports ?? folder, `${name}.json`),
      tempDirName: join(folder, 'sandbox'),
      concurrency: 2,
      timeoutMS: 60_000,
    }),
  );
  const { status } = spawnSync('npx', ['--no-install', 'stryker', 'run', config], {
    cwd: root,
    stdio: 'inherit',
    env: { RANDOM_BODIES: '500', ...process.env, MUTATION_TESTS: tests },
  });
  if (status !== 0) throw new Error(`The mutants of ${name} could not be tried.`);
  const { files: mutated } = JSON.parse(readFileSync(report, 'utf8')) as Report;
  rmSync(folder, { recursive: true });
  const mutants = Object.values(mutated).flatMap((file) => file.mutants);
  const counted = mutants.filter(({ status }) => status !== 'Ignored' && status !== 'CompileError');
  const killed = counted.filter(({ status }) => status === 'Killed' || status === 'Timeout').length;
  return { name, total: counted.length, killed, score: (killed / counted.length) * 100, leastScore };
}

type Report = { files: Record<string, { mutants: { status: string }[] }> };
