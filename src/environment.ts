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

/** What must hold between values that are right each by itself. */
export type Relation<Values> = {
  /** It is checked only where these are right. */
  names: readonly (keyof Values & string)[];
  /** Null where it holds. @param given the environment, as text. */
  faultIn: (values: Values, given: Environment) => string | null;
};

/** @throws ConfigError with the faults of all values and all relations. */
export function parseEnvironment<Shape extends z.ZodRawShape>(
  table: Shape,
  environment: Environment,
  relations: readonly Relation<z.output<z.ZodObject<Shape>>>[] = [],
) {
  // Compose files and shells set a variable to the empty string to leave it unset.
  const given = Object.fromEntries(Object.keys(table).map((name) => [name, environment[name] || undefined]));
  const issues = z.object(table).safeParse(given).error?.issues ?? [];
  const wrong = new Set(issues.map(({ path }) => String(path[0])));
  // The right values are compared with each other even where others are wrong.
  const right = Object.entries(given).filter(([name]) => !wrong.has(name));
  const values = z.object(table).parse(Object.fromEntries(right));
  const applicable = relations.filter(({ names }) => !names.some((name) => wrong.has(name)));
  const faults = [
    ...issues.map(({ path, message }) => faultOf(String(path[0]), message, given)),
    ...applicable.map(({ faultIn }) => faultIn(values, given)).filter((fault) => fault !== null),
  ];
  if (faults.length > 0) throw new ConfigError(faults);
  return values;
}

/** The first setting may not be greater than the second. */
export function atMost<Lesser extends string, Greater extends string>(
  lesser: Lesser,
  greater: Greater,
): Relation<Record<Lesser | Greater, number>> {
  const faultIn = ({ [lesser]: less, [greater]: most }: Record<Lesser | Greater, number>) =>
    less <= most ? null : `${lesser}: expected at most ${greater}, which is ${most}, got ${less}`;
  return { names: [lesser, greater], faultIn };
}

const secrets = new Set([
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'D7_BASE_URL',
  'REDIS_URL',
  'CACHE_SECRET',
  'D7_TOKEN',
]);

/** Neither a fault nor the log repeats its value: it is a secret, or an address that may contain credentials. */
export function isSecret(name: string): boolean {
  return secrets.has(name);
}

function faultOf(name: string, message: string, given: Record<string, string | undefined>): string {
  return isSecret(name) ? `${name}: ${message}` : `${name}: ${message}, got ${JSON.stringify(given[name])}`;
}
