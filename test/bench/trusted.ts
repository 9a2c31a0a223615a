/** The manifest of trusted documents for the workload *trusted*. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256Of } from '../../src/graphql/manifest.ts';
import { one } from './questions.ts';

export function trustedSettings(): Record<string, string> {
  const path = join(mkdtempSync(join(tmpdir(), 'bench-trusted-')), 'manifest.json');
  writeFileSync(path, JSON.stringify({ [sha256Of(one)]: one }));
  return { TRUSTED_DOCUMENTS: path };
}
