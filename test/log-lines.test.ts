/** The lines that a template writes say what those of pino say: the same fields, in the same order. */
import fc from 'fast-check';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { type AttemptFields, attemptLine, type OperationFields, operationLine } from '../src/log-lines.ts';

const time = ',"time":"2026-01-01T00:00:00.000Z"';
const count = fc.nat();
/** Names that clients choose: quotes, line ends, control characters, other scripts, half of a surrogate pair. */
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('"', '\\', '\n', '\u2028', '\ud800', '\x7f', ''),
);
const optionalText = fc.option(text, { nil: undefined });

function linesOfPino(fields: object, message: string): string {
  let written = '';
  const log = pino({ base: null, timestamp: () => time }, { write: (line: string) => (written += line) });
  log.info(fields, message);
  return written;
}

/** One line, so that no client's name can begin another. */
function fieldsOf(line: string): [string, unknown][] {
  expect(line.split('\n')).toEqual([expect.any(String), '']);
  return Object.entries(JSON.parse(line));
}

describe('a line by its template', () => {
  it('is that of pino for an operation', () => {
    const fields: fc.Arbitrary<OperationFields> = fc.record({
      operationId: text,
      operationName: optionalText,
      clientName: optionalText,
      caller: optionalText,
      codes: fc.array(text, { maxLength: 3 }),
      cached: count,
      shared: count,
      called: count,
      bytes: fc.option(count, { nil: undefined }),
    });
    fc.assert(
      fc.property(fields, count, (given, durationMs) => {
        const { operationId, operationName, clientName, caller, codes, cached, shared, called, bytes } = given;
        const ordered = {
          operationId,
          operationName,
          clientName,
          caller,
          codes,
          cached,
          shared,
          called,
          bytes,
          durationMs,
        };
        expect(fieldsOf(operationLine(time, durationMs, given))).toEqual(fieldsOf(linesOfPino(ordered, 'operation')));
      }),
      { numRuns: 1000 },
    );
  });

  it('is that of pino for an attempt', () => {
    const fields: fc.Arbitrary<AttemptFields> = fc.record({
      operationId: text,
      requestId: text,
      attempt: count,
      outcome: text,
      queueMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
    });
    fc.assert(
      fc.property(fields, count, (given, durationMs) => {
        const { operationId, requestId, attempt, outcome } = given;
        const ordered = { operationId, requestId, attempt, outcome, durationMs, queueMs: Math.round(given.queueMs) };
        expect(fieldsOf(attemptLine(time, durationMs, given))).toEqual(
          fieldsOf(linesOfPino(ordered, 'upstream attempt')),
        );
      }),
      { numRuns: 1000 },
    );
  });
});
