/** A real nginx with the configuration that `.deploy/nginx.conf` ships. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findCommand } from './commands.ts';
import { freePort } from './free-port.ts';
import { documentAt } from './readme.ts';

const nginx = findCommand('nginx');
/** Where there must be one, a missing one fails. */
export const nginxWanted = nginx !== undefined || process.env.CI !== undefined;

export type Nginx = AsyncDisposable & { url: string };

/**
 * @param upstreams the addresses of replicas.
 * @param errorLog the file for its errors. Without one they are thrown away: nobody reads them, and a full pipe would stop it.
 */
export async function openNginx(upstreams: readonly string[], errorLog = '/dev/null'): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), 'nginx-'));
  const port = await freePort();
  const shipped = documentAt('.deploy/nginx.conf')
    .replace(/server 127.0.0.1:4000(.*;)/, (_, options) =>
      upstreams.map((url) => `server ${new URL(url).host}${options}`).join('\n'),
    )
    .replace('listen 8080;', `listen 127.0.0.1:${port};`);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`);
  const around = `daemon off; master_process off; pid nginx.pid; events { worker_connections 8192; } http { access_log off; ${temporary.join(' ')}`;
  await writeFile(join(folder, 'nginx.conf'), `${around}\n${shipped}\n}`);
  const child = spawn(nginx ?? 'nginx', ['-p', folder, '-c', 'nginx.conf', '-e', errorLog], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  await untilListening(port);

  async function stop(): Promise<void> {
    child.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true });
  }

  return { url: `http://127.0.0.1:${port}/viber/graphql`, [Symbol.asyncDispose]: stop };
}

async function untilListening(port: number): Promise<void> {
  const deadlineMs = performance.now() + 10_000;
  for (;;) {
    const response = await fetch(`http://127.0.0.1:${port}`).catch(() => null);
    if (response) return;
    if (performance.now() > deadlineMs) throw new Error('nginx does not listen.');
    await pause(20);
  }
}
