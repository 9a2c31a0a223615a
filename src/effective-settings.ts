/**
 * The settings as the log shows them at the start: what each one is, defaults included.
 */
import { type Environment, isSecret } from './environment.ts';

type Shown = string | number | boolean | readonly string[];

export type EffectiveSettings = Readonly<Record<string, Shown>>;

/** A secret, or an address that may contain one, is only `set`. A setting without a value is not listed. */
export function effectiveSettingsOf(values: Readonly<Record<string, unknown>>, given: Environment): EffectiveSettings {
  const names = Object.keys(values).filter((name) => values[name] !== undefined);
  const shown = names.filter((name) => !isSecret(name) || given[name]);
  return Object.fromEntries(shown.map((name) => [name, isSecret(name) ? 'set' : shownOf(values[name], given[name])]));
}

/** What was made from a text, such as the content of a file, is shown as that text. */
function shownOf(value: unknown, text: string | undefined): Shown {
  const isShort = typeof value !== 'object' || Array.isArray(value);
  return isShort ? (value as Shown) : (text ?? '');
}
