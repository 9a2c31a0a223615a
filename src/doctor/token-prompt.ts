/**
 * Asks for the token at the terminal, without showing it.
 */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { ReadStream } from 'node:tty';

/** @param prompted where the question goes: not standard output, which is the report. */
export async function askForToken(terminal: ReadStream, prompted: Writable): Promise<string> {
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() });
  // With `terminal`, readline turns off the echo of the terminal and writes each key itself: into the silence.
  const lines = createInterface({ input: terminal, output: silence, terminal: true });
  lines.once('SIGINT', () => process.exit(130));
  prompted.write('API token of D7 (it is not shown): ');
  try {
    return (await lines.question('')).trim();
  } finally {
    lines.close();
    prompted.write('\n');
  }
}
