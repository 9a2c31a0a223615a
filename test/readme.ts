/** The documents and their tables, as the tests compare them with the code. */
import { readFileSync } from 'node:fs';

/** A document by its path from the root. */
export function documentAt(path: string): string {
  return readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
}

export const readme = documentAt('README.md');

/** The rows of the first table under a heading, each as the texts of its cells. */
export function tableUnder(heading: string, document = readme): string[][] {
  const section = document.split(/^## /m).find((text) => text.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`The document has no section "${heading}".`);
  const lines = section.split('\n');
  const first = lines.findIndex((line) => line.startsWith('|'));
  const last = lines.findIndex((line, index) => index > first && !line.startsWith('|'));
  return lines.slice(first + 2, last).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** The texts in single backticks. */
export function codesIn(text: string): string[] {
  const prose = text.replaceAll(/^ *```.*?^ *```$/gms, '');
  return [...prose.matchAll(/`([^`]+)`/g)].map(([, code]) => code as string);
}
