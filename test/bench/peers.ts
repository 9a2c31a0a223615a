/** What the peers want before they can be started: their packages, and for Hive Gateway a supergraph. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isGateway } from './gateways.ts';

const here = new URL('./', import.meta.url);

export function preparePeers(contenders: readonly string[]): void {
  if (!isInstalled() && !contenders.every(isGateway)) {
    console.error('Installing the peers …');
    execFileSync('npm', ['ci'], { cwd: here, stdio: ['ignore', 'inherit', 'inherit'] });
  }
  if (contenders.includes('hive-gateway')) process.env.SUPERGRAPH = composeSupergraph();
}

/** A pull may have brought other versions than those that were installed. */
function isInstalled(): boolean {
  const { dependencies } = readJson('package.json');
  return Object.entries(dependencies).every(([name, version]) => {
    const manifest = `node_modules/${name}/package.json`;
    return existsSync(new URL(manifest, here)) && readJson(manifest).version === version;
  });
}

function composeSupergraph(): string {
  const output = join(mkdtempSync(join(tmpdir(), 'bench-')), 'supergraph.graphql');
  const command = new URL('node_modules/.bin/mesh-compose', here).pathname;
  execFileSync(process.execPath, [command, '-c', 'contenders/mesh.config.ts', '-o', output], {
    cwd: here,
    // What it has to say of a failure is in the error.
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return output;
}

function readJson(path: string) {
  return JSON.parse(readFileSync(new URL(path, here), 'utf8'));
}
