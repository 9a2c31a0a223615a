/**
 * D7 for the benchmark in nginx, which takes less of the core that it shares with the load: the answers of upstream.ts, written by d7.lua.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { type Started, startProgram, untilListening } from './processes.ts';
import { requireProgram } from './programs.ts';
import { kindOf, missing, tailOf } from './upstream-logs.ts';

type Options = {
  delayMs: number;
  /** Of these, nginx can send the logs; and of all others with as many messages. */
  requestIds: readonly string[];
};

const modules = ['ndk_http_module.so', 'ngx_http_lua_module.so'];

export async function openNginx({ delayMs, requestIds }: Options): Promise<Started> {
  const command = requireProgram('nginx');
  const folder = mkdtempSync(join(tmpdir(), 'bench-nginx-'));
  const port = await freePort();
  writeTails(join(folder, 'tails'), requestIds);
  writeFileSync(join(folder, 'd7.lua'), handlerFor(join(folder, 'tails'), delayMs));
  writeFileSync(join(folder, 'nginx.conf'), configurationFor(folder, port, modulesFolderOf(command)));
  const nginx = startProgram([command, '-p', folder, '-c', 'nginx.conf', '-e', 'stderr'], { core: 1, port });
  await untilListening(nginx);

  async function stop(): Promise<void> {
    await nginx[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  }

  return { ...nginx, [Symbol.asyncDispose]: stop };
}

/** How often it was asked, this question included. */
export async function countNginxRequests(port: number): Promise<number> {
  const status = await (await fetch(`http://127.0.0.1:${port}/status`)).text();
  return Number(/^ \d+ \d+ (\d+)/m.exec(status)?.[1]);
}

function writeTails(folder: string, requestIds: readonly string[]): void {
  mkdirSync(folder);
  for (const requestId of requestIds) {
    const kind = kindOf(requestId);
    const path = kind && join(folder, `${kind.kind}-${kind.count}`);
    if (path && !existsSync(path)) writeFileSync(path, tailOf(kind));
  }
}

function handlerFor(folder: string, delayMs: number): string {
  return readFileSync(new URL('d7.lua', import.meta.url), 'utf8')
    .replace('@DELAY_SECONDS@', String(delayMs / 1000))
    .replace('@FOLDER@', folder)
    .replace('@MISSING@', missing);
}

function modulesFolderOf(command: string): string {
  // nginx writes this to standard error.
  const built = execFileSync('sh', ['-c', '"$0" -V 2>&1', command], { encoding: 'utf8' });
  const folder = /--modules-path=(\S+)/.exec(built)?.[1] ?? '';
  const lacking = modules.filter((name) => !existsSync(join(folder, name)));
  if (lacking.length === 0) return folder;
  throw new Error(`nginx has no Lua (${lacking.join(', ')}). Install it: apt-get install libnginx-mod-http-lua`);
}

/** One process. A connection stays open for as long as a run takes. */
function configurationFor(folder: string, port: number, modulesFolder: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${name};`);
  return `
${modules.map((name) => `load_module ${join(modulesFolder, name)};`).join('\n')}
daemon off; master_process off; pid nginx.pid;
events { worker_connections 8192; }
http {
  access_log off; ${temporary.join(' ')}
  keepalive_requests 1000000000; keepalive_timeout 1h; tcp_nodelay on;
  default_type application/json;
  init_by_lua_block { answer = dofile("${folder}/d7.lua") }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location = /status { stub_status; }
    location ~ /(?<request_id_of_path>[^/]*)$ { content_by_lua_block { answer() } }
  }
}
`;
}
