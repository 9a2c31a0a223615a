/** Programs that a run with `--load wrk` needs, and npm does not bring. */
import { existsSync } from 'node:fs';
import { findCommand } from '../commands.ts';

const packages = 'nginx libnginx-mod-http-lua wrk';

/** Its path. @throws Error that says what to install. */
export function requireProgram(name: 'nginx' | 'wrk'): string {
  // Debian has nginx outside of a user's PATH.
  const path = findCommand(name) ?? [`/usr/sbin/${name}`].find((place) => existsSync(place));
  if (path) return path;
  throw new Error(`--load wrk needs ${name}, which was not found. Install it: apt-get install ${packages}`);
}
