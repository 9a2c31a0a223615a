/** Where a run leaves what it has measured. */
import { mkdirSync, writeFileSync } from 'node:fs';

/** The folder is seen from this one, and made where there is none. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  const url = new URL(folder.endsWith('/') ? folder : `${folder}/`, import.meta.url);
  mkdirSync(url, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(new URL(name, url), text);
}
