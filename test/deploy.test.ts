/**
 * The files of `.deploy`: they are consistent with the code, and what the image runs runs by hand: in a folder with nothing but what the
 * image has, mounted read-only, as an unprivileged user. No container engine is needed, and none has built the image.
 */
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, linkSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import manifest from '../package.json' with { type: 'json' };
import { settings } from '../src/settings.ts';
import { findCommand } from './commands.ts';
import { freePort } from './free-port.ts';
import { productionFlags } from './process.ts';
import { documentAt } from './readme.ts';
import { productionPackages } from './supply-chain/production-packages.ts';

const dockerfile = documentAt('.deploy/Dockerfile')
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll('\\\n', '');
const instructions = dockerfile.split('\n').filter((line) => line !== '');
const argumentsOf = (name: string) =>
  instructions.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
const ignored = documentAt('.deploy/Dockerfile.dockerignore').trimEnd().split('\n');
const command: string[] = JSON.parse(argumentsOf('CMD')[0] ?? '');
const compose = parse(documentAt('.deploy/compose.yaml'));
const [deployment, budget, service] = parseAllDocuments(documentAt('.deploy/kubernetes.yaml')).map((document) => {
  expect(document.errors).toEqual([]);
  return document.toJS();
});
const pod = deployment.spec.template.spec;
const [container] = pod.containers;
const unit = documentAt('.deploy/viber-log-gateway.service');

const megabyte = 1024 ** 2;

describe('the image', () => {
  it('has one base, pinned by its digest, with the Node that npm pins', () => {
    const bases = argumentsOf('FROM').map((from) => from.split(' AS ')[0]);
    expect(new Set(bases).size).toBe(1);
    expect(bases[0]).toMatch(
      new RegExp(`^node:${manifest.optionalDependencies.node}-[a-z]+-slim@sha256:[0-9a-f]{64}$`),
    );
  });

  it('has production packages only, without the Node of npm', () => {
    expect(argumentsOf('RUN')).toEqual([expect.stringMatching(/^npm ci --omit=dev --omit=optional /)]);
    expect(argumentsOf('COPY').filter((copied) => /(^| )\.( |$)/.test(copied))).toEqual([]);
    expect(ignored[0]).toBe('*');
  });

  it('runs node as process 1, as a user without rights, with the options of npm start', () => {
    expect(command[0]).toBe('node');
    expect(command).toEqual(expect.arrayContaining([...productionFlags, 'src/main.ts']));
    expect(argumentsOf('USER')).toEqual(['1000:1000']);
    expect(instructions.at(-1)).toMatch(/^CMD \[/);
    expect(dockerfile).not.toMatch(/^(ENTRYPOINT|ADD|SHELL) |latest|secret|token/im);
  });
});

it('every environment variable of the files is a setting, or one of Node', () => {
  const ofNode = ['NODE_COMPILE_CACHE'];
  const ofImage = argumentsOf('ENV').map((pair) => pair.split('=')[0] as string);
  const ofPod = container.env.map(({ name }: { name: string }) => name);
  const ofUnit = [...unit.matchAll(/^Environment=(\w+)=/gm)].map(([, name]) => name as string);
  const all = [...ofImage, ...ofPod, ...ofUnit, ...Object.keys(compose.services.gateway.environment)];
  expect(all.filter((name) => !(name in settings) && !ofNode.includes(name))).toEqual([]);
});

it('all of them run the same command', () => {
  const [, started] = /^ExecStart=\/usr\/bin\/(.+)$/m.exec(unit) ?? [];
  expect(started).toBe(command.join(' '));
});

it('all of them have the memory that heap, caches and bytes in flight need at their limits', () => {
  const limits = [
    Number.parseInt(compose.services.gateway.mem_limit, 10),
    Number.parseInt(container.resources.limits.memory, 10),
    Number(/^MemoryMax=(\d+)M$/m.exec(unit)?.[1]),
  ];
  const flag = (name: string) => Number(command.find((option) => option.startsWith(`--${name}=`))?.split('=')[1]);
  const [limit = 0] = limits;
  // Three semi-spaces are the young generation.
  const heap = (limit * flag('max-old-space-size-percentage')) / 100 + 3 * flag('max-semi-space-size');
  const bytes = settings.CACHE_MAX_BYTES.parse(undefined) + settings.MAX_BYTES_IN_FLIGHT.parse(undefined);
  const code = 100;
  expect(new Set(limits).size).toBe(1);
  expect(heap + bytes / megabyte + code).toBeLessThan(limit);
});

it('the compose file takes rights away from the gateway and from Redis', () => {
  for (const name of ['gateway', 'redis']) {
    expect(compose.services[name]).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
  }
  const images = Object.values(compose.services as Record<string, { image?: string }>).flatMap(
    ({ image }) => image ?? [],
  );
  expect(images.filter((image) => !/:v?\d/.test(image))).toEqual([]);
});

it('the manifest of Kubernetes selects the pods that it starts, and waits for them', () => {
  const { labels } = deployment.spec.template.metadata;
  for (const selector of [
    deployment.spec.selector.matchLabels,
    budget.spec.selector.matchLabels,
    service.spec.selector,
  ]) {
    expect(selector).toEqual(labels);
  }
  expect(budget.spec.minAvailable).toBeLessThan(deployment.spec.replicas);
  const ports = container.ports.map(({ name }: { name: string }) => name);
  expect(service.spec.ports.map(({ targetPort }: { targetPort: string }) => targetPort)).toEqual(ports);
  const probes = [container.livenessProbe, container.readinessProbe].map(({ httpGet }) => httpGet.path);
  expect(probes).toEqual(['/health', '/ready']);
  expect(pod.securityContext.runAsNonRoot && container.securityContext.readOnlyRootFilesystem).toBe(true);
  const env = Object.fromEntries(
    container.env.map(({ name, value }: { name: string; value: string }) => [name, value]),
  );
  expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(Number(env.SHUTDOWN_TIMEOUT_SECONDS));
  // Two failed probes of the load balancers.
  expect(Number(env.DRAIN_DELAY_SECONDS)).toBeGreaterThan(2 * container.readinessProbe.periodSeconds);
});

const systemd = findCommand('systemd-analyze');

it.skipIf(!systemd)('systemd accepts the unit (needs systemd-analyze)', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'unit-'));
  const path = join(folder, 'viber-log-gateway.service');
  // Where this machine has them.
  const here = unit.replace('/usr/bin/node', process.execPath).replace('/opt/viber-log-gateway', folder);
  await writeFile(path, here);
  const written = execFileSync('sh', ['-c', `systemd-analyze verify --man=no '${path}' 2>&1`], { encoding: 'utf8' });
  expect(written).not.toContain('viber-log-gateway.service');
  await rm(folder, { recursive: true });
});

const isRoot = process.getuid?.() === 0;
const canMount = isRoot && findCommand('unshare') !== undefined && findCommand('setpriv') !== undefined;

describe.skipIf(!canMount)('the command of the image (needs root, to mount and to change the user)', () => {
  it('runs by hand on a read-only mount, as an unprivileged user, and is healthy until it is stopped', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'image-'));
    const app = join(folder, 'app');
    copyImage(app);
    const node = join(folder, basename(process.execPath));
    linkOrCopy(process.execPath, node);
    const port = await freePort();
    const ofImage = Object.fromEntries(argumentsOf('ENV').map((pair) => pair.split('=')));
    const env = {
      ...ofImage,
      HOST: '127.0.0.1',
      PORT: String(port),
      PATH: `${folder}:${process.env.PATH}`,
      ON: folder,
    };
    const mounted = 'chmod 755 "$ON" && mount --bind "$ON" "$ON" && mount -o remount,ro,bind "$ON" && cd "$ON/app"';
    const asNobody = 'exec setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs "$@"';
    const child = spawn('unshare', ['-m', 'sh', '-ec', `${mounted}; ! touch written; ${asNobody}`, 'sh', ...command], {
      env,
    });
    let written = '';
    for (const output of [child.stdout, child.stderr])
      output.setEncoding('utf8').on('data', (text) => (written += text));
    const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve([code, signal])));
    try {
      await expect.poll(() => written, { timeout: 20_000 }).toContain('"msg":"listening"');
      expect(written).toContain('Read-only file system');
      // GraphiQL is off, as in production.
      const hint = await fetch(`http://127.0.0.1:${port}/graphql`, { headers: { accept: 'text/html' } });
      expect(hint.status).toBe(406);
      const [, check = ''] = /CMD (\[.+\])$/.exec(argumentsOf('HEALTHCHECK')[0] ?? '') ?? [];
      const [, ...script] = JSON.parse(check);
      execFileSync(process.execPath, script, { env });
      child.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
      expect(() => execFileSync(process.execPath, script, { env, stdio: 'ignore' })).toThrow();
    } finally {
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true });
    }
  }, 60_000);
});

/** What the Dockerfile copies, without what the builder ignores, and the packages of its `npm ci`. */
function copyImage(to: string): void {
  const root = new URL('..', import.meta.url).pathname;
  const copied = argumentsOf('COPY').filter((names) => !names.startsWith('--from') && !names.includes('package-lock'));
  for (const names of copied) {
    const sources = names.split(' ').slice(0, -1);
    for (const name of sources) {
      expect(ignored).toContain(`!${name}`);
      cpSync(join(root, name), join(to, name), { recursive: true });
    }
  }
  for (const name of ignored.filter((line) => !/^[!*]/.test(line))) rmSync(join(to, name), { recursive: true });
  for (const { path, isOptional } of productionPackages())
    if (!isOptional) linkFolder(join(root, path), join(to, path));
}

/** Its own packages are listed on their own. */
function linkFolder(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.name === 'node_modules') continue;
    if (entry.isDirectory()) linkFolder(source, target);
    else if (entry.isFile()) linkOrCopy(source, target);
  }
}

function linkOrCopy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  try {
    linkSync(from, to);
  } catch {
    // On another file system.
    cpSync(from, to);
  }
}
