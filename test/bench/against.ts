/**
 * The gateway as it was at another commit, beside the one of this tree: `npm run bench -- --against COMMIT`. Both run at the same time, every
 * answer is checked, and the command fails where a request costs more than a twentieth more than it did.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Comparison, estimateOf, tellError } from './comparison.ts';

export const before = 'before';
const tolerance = 1.05;
const root = new URL('../../', import.meta.url).pathname;

/** A tree of that commit, with the packages that it wants. */
export function checkOut(commit: string): string {
  const tree = join(mkdtempSync(join(tmpdir(), 'bench-against-')), 'tree');
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  git('clone', '--quiet', '--shared', '--no-checkout', root, tree);
  execFileSync('git', ['checkout', '--quiet', '--detach', String(git('rev-parse', commit)).trim()], { cwd: tree });
  if (isSameLockfile(tree)) symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
  else execFileSync('npm', ['ci', '--omit=dev'], { cwd: tree, stdio: ['ignore', 'inherit', 'inherit'] });
  return tree;
}

export function mainOf(tree: string): { path: string; flags: string[] } {
  const { scripts } = JSON.parse(readFileSync(join(tree, 'package.json'), 'utf8'));
  return {
    path: join(tree, 'src/main.ts'),
    flags: scripts.start.split(' ').filter((word: string) => word.startsWith('--')),
  };
}

/** The ratios of all workloads, and whether none is over the tolerance. */
export function verdictOn(comparisons: readonly Comparison[], commit: string): { text: string; isGood: boolean } {
  const rows = comparisons.map(({ workload, ratios }) => {
    const { ratio, error } = estimateOf(ratios);
    return { workload, ratio, error, isGood: ratio <= tolerance };
  });
  const lines = rows.map(
    ({ workload, ratio, error, isGood }) =>
      `| ${workload} | ${ratio.toFixed(3)} × | ${tellError(error)} | ${isGood ? 'yes' : 'no'} |`,
  );
  const head = [
    `**CPU of this tree, in times of ${commit}**`,
    '',
    `| workload | ratio | standard error | ≤ ${tolerance} |`,
    '| --- | --: | --: | --- |',
  ];
  return { text: [...head, ...lines].join('\n'), isGood: rows.every(({ isGood }) => isGood) };
}

function isSameLockfile(tree: string): boolean {
  const lockfile = 'package-lock.json';
  if (!existsSync(join(tree, lockfile))) return false;
  return readFileSync(join(tree, lockfile), 'utf8') === readFileSync(join(root, lockfile), 'utf8');
}
