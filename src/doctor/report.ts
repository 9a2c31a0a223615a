/**
 * An examination as text for a terminal: one line for each thing that was looked at.
 */
import type { FieldRow } from './contract.ts';
import type { Examination } from './examination.ts';
import { summaries } from './verdicts.ts';

export function textOf(examination: Examination): string {
  const { verdict, fields, notes } = examination;
  const lines = [
    connectionLine(examination),
    tlsLine(examination),
    responseLine(examination),
    failureLine(examination),
    ...fields.map(fieldLine),
    ...notes.map((note) => lineOf('note', 'accepted', note)),
  ];
  return `${lines.filter((line) => line !== null).join('\n')}\n\n${summaries[verdict]}\n`;
}

function connectionLine({ connection }: Examination): string {
  return connection
    ? lineOf('ok', 'connection', `open after ${connection.ms} ms`)
    : lineOf('FAIL', 'connection', 'none to the origin in D7_BASE_URL');
}

function tlsLine({ connection }: Examination): string | null {
  if (connection === null) return null;
  const { tls } = connection;
  if (tls === null) return lineOf('note', 'TLS', 'none: D7_BASE_URL is a loopback address');
  return lineOf('ok', 'TLS', `${tls.protocol}, the certificate is valid for ${tls.certificateDaysLeft} days`);
}

function responseLine({ response, failure }: Examination): string | null {
  if (response === null) return null;
  const { status, bytes, headersMs, totalMs } = response;
  const size = `${bytes} bytes, headers after ${headersMs} ms, end after ${totalMs} ms`;
  return lineOf(failure ? 'FAIL' : 'ok', 'response', `status ${status}, ${size}`);
}

function failureLine({ failure }: Examination): string | null {
  if (failure === null) return null;
  const retry = failure.retryAfterSeconds === null ? '' : `, retry after ${failure.retryAfterSeconds} s`;
  return lineOf('FAIL', failure.kind, `${failure.reason}${retry}`);
}

function fieldLine({ path, state, expected, total, deviating }: FieldRow): string {
  switch (state) {
    case 'drift':
      return lineOf('DRIFT', path, `${deviating} of ${total} deviate; expected ${expected}`);
    case 'ok':
      return lineOf('ok', path, `${total} checked`);
    case 'absent':
      return lineOf('ok', path, 'no value, which the contract allows');
    case 'unseen':
      return lineOf('note', path, 'not checked: the log has no message');
  }
}

function lineOf(state: string, subject: string, text: string): string {
  return `${state.padEnd(6)}${subject.padEnd(36)}${text}`;
}
