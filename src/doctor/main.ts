/**
 * Makes one live call to D7 and reports what deviates from the contract: `npm run doctor -- --request-id ID`.
 *
 * The report has no token, no recipient and no address. The token comes from the environment or from a prompt, and never from the command
 * line, which every process of the machine can read.
 */
import { parseArgs } from 'node:util';
import { readConfig, readDoctorToken } from '../config.ts';
import { ConfigError, type Environment } from '../environment.ts';
import { requestIdIn } from '../graphql/request-id.ts';
import { examine } from './examination.ts';
import { textOf } from './report.ts';
import { askForToken } from './token-prompt.ts';
import { exitCodes } from './verdicts.ts';

export type DoctorOptions = {
  /** What follows the name of the script. */
  argv: string[];
  environment: Environment;
  /** Null where nobody can be asked. */
  askForToken: (() => Promise<string>) | null;
  /** Standard output and standard error. */
  print: (text: string) => void;
  complain: (text: string) => void;
};

const usage = `npm run doctor -- --request-id ID [--json]

Reads one log from D7, as the gateway does, and checks each field. The token is in D7_TOKEN, or the doctor asks for it.`;

class UsageError extends Error {}

if (import.meta.main) {
  const { stdin, stdout, stderr } = process;
  process.exitCode = await runDoctor({
    argv: process.argv.slice(2),
    environment: process.env,
    askForToken: stdin.isTTY ? () => askForToken(stdin, stderr) : null,
    print: (text) => stdout.write(text),
    complain: (text) => stderr.write(text),
  });
}

/** @returns the exit code. */
export async function runDoctor(options: DoctorOptions): Promise<number> {
  try {
    const { requestId, isJson } = argumentsIn(options.argv);
    const token = await tokenOf(options);
    const examination = await examine(readConfig(options.environment), token, requestId);
    options.print(isJson ? `${JSON.stringify(examination, null, 2)}\n` : textOf(examination));
    return exitCodes[examination.verdict];
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof ConfigError)) throw error;
    options.complain(`${error.message}\n`);
    return exitCodes.wrongUsage;
  }
}

/** @throws UsageError, which does not repeat an argument: it may be a token. */
function argumentsIn(argv: string[]): { requestId: string; isJson: boolean } {
  const { 'request-id': given = '', json: isJson = false } = valuesIn(argv);
  const requestId = requestIdIn(given);
  if (requestId === null) throw new UsageError(`--request-id: expected an id of D7\n\n${usage}`);
  return { requestId, isJson };
}

function valuesIn(args: string[]) {
  try {
    return parseArgs({ args, options: { 'request-id': { type: 'string' }, json: { type: 'boolean' } } }).values;
  } catch {
    throw new UsageError(`expected --request-id ID, and --json or nothing\n\n${usage}`);
  }
}

/** @throws UsageError and ConfigError */
async function tokenOf({ environment, askForToken }: DoctorOptions): Promise<string> {
  const given = readDoctorToken(environment);
  if (given !== undefined) return given;
  if (askForToken === null)
    throw new UsageError('D7_TOKEN: expected the API token, since there is no terminal to ask at');
  return readDoctorToken({ ...environment, D7_TOKEN: await askForToken() }) ?? noToken();
}

function noToken(): never {
  throw new UsageError('expected the API token');
}
