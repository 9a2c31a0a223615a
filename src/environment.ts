/**
 * Parses environment variables by a table of settings, and reports every wrong value at once.
 */
import { z } from 'zod';

export type Environment = Readonly<Record<string, string | undefined>>;

export class ConfigError extends Error {
  constructor(faults: readonly string[]) {
    super(`Wrong settings in the environment:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
    this.name = 'ConfigError';
  }
}

/** @throws ConfigError */
export function parseEnvironment<Shape extends z.ZodRawShape>(table: Shape, environment: Environment) {
  // Compose files and shells set a variable to the empty string to leave it unset.
  const given = Object.fromEntries(Object.keys(table).map((name) => [name, environment[name] || undefined]));
  const parsed = z.object(table).safeParse(given);
  if (parsed.success) return parsed.data;
  throw new ConfigError(parsed.error.issues.map(({ path, message }) => faultOf(String(path[0]), message, given)));
}

/** @throws ConfigError if the first setting of a pair is greater than the second. */
export function checkOrder<Name extends string>(
  values: Record<Name, number>,
  pairs: readonly (readonly [lesser: Name, greater: Name])[],
): void {
  const faults = pairs
    .filter(([lesser, greater]) => values[lesser] > values[greater])
    .map(
      ([lesser, greater]) =>
        `${lesser}: expected at most ${greater}, which is ${values[greater]}, got ${values[lesser]}`,
    );
  if (faults.length > 0) throw new ConfigError(faults);
}

/** A fault does not repeat these values: they are secrets, or addresses that may contain credentials. */
const secrets = new Set(['D7_BASE_URL', 'REDIS_URL', 'CACHE_SECRET']);

function faultOf(name: string, message: string, given: Record<string, string | undefined>): string {
  return secrets.has(name) ? `${name}: ${message}` : `${name}: ${message}, got ${JSON.stringify(given[name])}`;
}
