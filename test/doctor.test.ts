/** The doctor: one call to the sandbox for each of its scenarios, and what the report and the exit code say. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer } from 'node:tls';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { runDoctor } from '../src/doctor/main.ts';
import { exitCodes } from '../src/doctor/verdicts.ts';
import { failureScenarios } from '../src/sandbox/failure-scenarios.ts';
import { logScenarios } from '../src/sandbox/log-scenarios.ts';
import { vendorExample } from '../src/sandbox/logs.ts';
import { openSandbox, sandboxToken } from '../src/sandbox/sandbox.ts';
import { findCommand } from './commands.ts';
import { codesIn, documentAt, tableUnder } from './readme.ts';

const pem = readFileSync(new URL('fixtures/self-signed.pem', import.meta.url));
const doctor = 'src/doctor/main.ts';
const id = vendorExample.request_id;
const quick = { UPSTREAM_HEADERS_TIMEOUT_SECONDS: '0.5', UPSTREAM_ATTEMPT_TIMEOUT_SECONDS: '1' };

async function diagnose(url: string, argv: string[], environment: Record<string, string> = {}, typed?: string) {
  const printed: string[] = [];
  const complained: string[] = [];
  const code = await runDoctor({
    argv,
    environment: { D7_BASE_URL: url, D7_TOKEN: sandboxToken, ...quick, ...environment },
    askForToken: typed === undefined ? null : async () => typed,
    print: (text) => printed.push(text),
    complain: (text) => complained.push(text),
  });
  return { code, printed: printed.join(''), complained: complained.join('') };
}

/** The scenarios of logs: the exit code, and the paths that drift. */
const ofLogs: Record<string, [code: number, drifts: string[], notes?: string[]]> = {
  [id]: [0, []],
  recipients: [7, []],
  'recipients-0': [0, []],
  'recipients-3': [0, []],
  moving: [0, []],
  account: [0, []],
  'unknown-status': [8, ['messages[].status']],
  'status-spellings': [0, []],
  'parts-as-sms': [0, [], ['messages[].number_of_sms is used in place of number_of_viber_message']],
  scheduled: [0, []],
  'scheduled-unreadably': [8, ['messages[].schedule_time']],
  'scheduled-without-minutes': [0, []],
  'null-values': [8, driftsWithoutValues()],
  'missing-values': [8, driftsWithoutValues()],
  'invalid-values': [8, [...driftsWithoutValues(), 'messages[].country', 'messages[].schedule_time']],
  'numbers-as-text': [8, ['total_recipients', 'messages[].number_of_viber_message', 'messages[].viber_cost']],
  'ids-as-numbers': [8, ['messages[].msg_id', 'messages[].recipient']],
  'id-in-upper-case': [0, [], ['request_id is in another case']],
  'byte-order-mark': [0, [], ['a byte order mark precedes the log']],
  'missing-byte-order-mark': [7, []],
  'no-country': [0, []],
  missing: [7, []],
};

function driftsWithoutValues(): string[] {
  const ofMessage = ['recipient', 'status', 'number_of_viber_message', 'viber_cost'];
  return ['total_recipients', 'channel', ...ofMessage.map((name) => `messages[].${name}`)];
}

const refused = ['error-400', 'error-401', 'error-402', 'error-403', 'error-422'];
const limited = ['error-429', 'error-429-date', 'error-429-bare'];
const failed = ['error-500', 'error-502', 'error-503', 'error-504', 'silent', 'slow-body', 'reset', 'cut-off'];
const codeOfFailure = (name: string) =>
  [...refused, ...limited].includes(name)
    ? exitCodes.refused
    : failed.includes(name)
      ? exitCodes.failed
      : exitCodes.invalid;

it('knows every scenario of a log', () => {
  const names = logScenarios.map(({ name }) => name);
  expect(
    Object.keys(ofLogs)
      .filter((name) => !/^recipients-\d/.test(name))
      .toSorted(),
  ).toEqual(names.toSorted());
});

it('names every drift of every scenario of a log', async () => {
  await using sandbox = await openSandbox();
  for (const [name, [code, drifts, notes = []]] of Object.entries(ofLogs)) {
    const { code: ended, printed } = await diagnose(sandbox.url, ['--request-id', name, '--json']);
    const { fields, notes: noted } = JSON.parse(printed);
    const drifting = fields.filter(({ state }: { state: string }) => state === 'drift');
    const paths = drifting.map(({ path }: { path: string }) => path).toSorted();
    expect({ name, ended, paths, noted }).toEqual({ name, ended: code, paths: drifts.toSorted(), noted: notes });
    // One call, and no retry.
    expect(sandbox.calls.filter(({ requestId }) => requestId === name)).toHaveLength(1);
  }
});

it.each(failureScenarios.map(({ name }) => name))(
  'tells the failure %s by its exit code, after one call',
  async (name) => {
    await using sandbox = await openSandbox();
    const { code, printed } = await diagnose(sandbox.url, ['--request-id', name]);
    expect([code, sandbox.callCount()]).toEqual([codeOfFailure(name), 1]);
    expect(printed).toMatch(/^ok {4}connection/);
    expect(printed).toMatch(/^FAIL /m);
  },
);

it('prints a line for each field', async () => {
  await using sandbox = await openSandbox();
  const { printed } = await diagnose(sandbox.url, ['--request-id', 'null-values']);
  expect(printed.replaceAll(/\d+ (ms|bytes)/g, '# $1')).toMatchInlineSnapshot(`
    "ok    connection                          open after # ms
    note  TLS                                 none: D7_BASE_URL is a loopback address
    ok    response                            status 200, # bytes, headers after # ms, end after # ms
    ok    request_id                          1 checked
    DRIFT total_recipients                    1 of 1 deviate; expected a whole number from 0 to 2147483647
    DRIFT channel                             1 of 1 deviate; expected a string
    ok    messages[].msg_id                   1 checked
    ok    messages[].country                  no value, which the contract allows
    DRIFT messages[].recipient                1 of 1 deviate; expected a string
    DRIFT messages[].status                   1 of 1 deviate; expected a string
    DRIFT messages[].number_of_viber_message  1 of 1 deviate; expected a whole number from 0 to 2147483647
    DRIFT messages[].viber_cost               1 of 1 deviate; expected a finite number
    ok    messages[].schedule_time            no value, which the contract allows

    The gateway can read the log, and some of its fields deviate from the contract.
    "
  `);
});

it('prints neither the token, nor a recipient, nor an address, nor a name that could be one', async () => {
  await using sandbox = await openSandbox();
  const names = [...Object.keys(ofLogs), 'redirect', 'other-id', 'wrong-type', 'not-json'];
  for (const name of names) {
    for (const format of [[], ['--json']]) {
      const { printed } = await diagnose(sandbox.url, ['--request-id', name, ...format]);
      for (const secret of [sandboxToken, '97150', '127.0.0.1', new URL(sandbox.url).port]) {
        expect(printed).not.toContain(secret);
      }
    }
  }
});

it('reports TLS, and names new fields of D7 unless they could be values', async () => {
  const [message] = vendorExample.messages;
  const news = {
    ...vendorExample,
    sent_at: 1,
    messages: [{ ...message, carrier: 'a', '+971509752600': 1, a9715097526: 1 }],
  };
  const answer = (_request: unknown, response: ServerResponse) => response.end(JSON.stringify(news));
  await using server = createHttpsServer({ key: pem, cert: pem }, answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const ca = new URL('fixtures/self-signed.pem', import.meta.url).pathname;
  const environment = { D7_BASE_URL: `https://127.0.0.1:${port}`, D7_TOKEN: sandboxToken, NODE_EXTRA_CA_CERTS: ca };
  const env = { PATH: process.env.PATH, ...environment };
  const { stdout } = await promisify(execFile)(process.execPath, [doctor, '--request-id', id, '--json'], { env });
  const { verdict, connection, notes } = JSON.parse(stdout);
  expect([verdict, connection.tls.protocol]).toEqual(['healthy', 'TLSv1.3']);
  expect(connection.tls.certificateDaysLeft).toBeGreaterThan(10_000);
  expect(notes).toEqual([
    'the content type is not JSON',
    'sent_at is not in the contract',
    'messages[].carrier is not in the contract',
    'messages[].… has names that are no names of fields',
  ]);
});

describe('without a response', () => {
  it('says that D7 cannot be reached', async () => {
    const { code, printed } = await diagnose('http://127.0.0.1:9', ['--request-id', id]);
    expect(code).toBe(exitCodes.unreachable);
    expect(printed).toMatch(/^FAIL {2}connection .+\nFAIL {2}unavailable +ECONNREFUSED$/m);
  });

  it('says that the certificate is not valid, and sends no token', async () => {
    await using server = createServer({ key: pem, cert: pem }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    let received = '';
    server.on('secureConnection', (socket) => socket.on('data', (data) => (received += data)));
    server.on('tlsClientError', () => {});
    const { port } = server.address() as { port: number };
    const { code, printed } = await diagnose(`https://127.0.0.1:${port}`, ['--request-id', id]);
    expect([code, received]).toEqual([exitCodes.unreachable, '']);
    expect(printed).toContain('DEPTH_ZERO_SELF_SIGNED_CERT');
  });
});

describe('the command line', () => {
  it.each([[[]], [['--request-id']], [['--request-id', '../..']], [['--token', 'abc']], [['abc']]])(
    'is refused without a call, and not repeated: %j',
    async (argv) => {
      const { code, printed, complained } = await diagnose('http://127.0.0.1:9', argv);
      expect([code, printed]).toEqual([exitCodes.wrongUsage, '']);
      expect(complained).toContain('npm run doctor');
      expect(complained).not.toContain('abc');
    },
  );

  it('reports every wrong setting at once, and no token', async () => {
    const wrong = { PORT: '-1', D7_TOKEN: 'Bearer hunter2' };
    const { code, complained } = await diagnose('nowhere', ['--request-id', id], wrong);
    expect(code).toBe(exitCodes.wrongUsage);
    expect(complained).toMatch(/PORT: .+\n.+D7_BASE_URL: .+\n.+D7_TOKEN: /);
    expect(complained).not.toContain('hunter2');
  });

  it('needs a token, from the environment or a terminal', async () => {
    await using sandbox = await openSandbox();
    const none = await diagnose(sandbox.url, ['--request-id', id], { D7_TOKEN: '' });
    expect([none.code, none.complained]).toEqual([exitCodes.wrongUsage, expect.stringContaining('D7_TOKEN')]);
    const nothingTyped = await diagnose(sandbox.url, ['--request-id', id], { D7_TOKEN: '' }, '');
    expect(nothingTyped.code).toBe(exitCodes.wrongUsage);
    expect(sandbox.callCount()).toBe(0);
    expect((await diagnose(sandbox.url, ['--request-id', id], { D7_TOKEN: '' }, sandboxToken)).code).toBe(0);
  });

  it('ends the process with the exit code', async () => {
    await using sandbox = await openSandbox();
    const env = { PATH: process.env.PATH, D7_BASE_URL: sandbox.url, D7_TOKEN: sandboxToken };
    const run = promisify(execFile)(process.execPath, [doctor, '--request-id', 'null-values'], { env });
    await expect(run).rejects.toMatchObject({ code: exitCodes.drift, stdout: expect.stringContaining('DRIFT') });
  });

  it.skipIf(!findCommand('script'))('does not show the token that is typed (needs script)', async () => {
    await using sandbox = await openSandbox();
    const env = { PATH: process.env.PATH, D7_BASE_URL: sandbox.url };
    const command = `'${process.execPath}' ${doctor} --request-id ${id}`;
    const run = promisify(execFile)('script', ['-qec', command, '/dev/null'], { env });
    run.child.stdout?.once('data', () => run.child.stdin?.write(`${sandboxToken}\r`));
    const { stdout } = await run;
    expect(stdout).toContain('matches the contract');
    expect(stdout).not.toContain(sandboxToken);
  });
});

it('has its exit codes documented', () => {
  const rows = tableUnder('Exit codes of the doctor', documentAt('.deploy/README.md'));
  expect(rows.map(([code = '']) => codesIn(code)[0])).toEqual(Object.values(exitCodes).map(String));
});
