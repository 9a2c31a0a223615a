/**
 * The JSON of the two log lines that nearly every operation writes: its own, and one for each call to D7. All other lines are pino's.
 *
 * The fields are known, so a template writes them. pino asks for each field of each line whether it has a serialiser, a redaction or a
 * custom type, which costs more than the line. The ablation `without-log-lines` of the benchmark shows what they cost now, and
 * test/log-lines.test.ts compares them with pino's.
 */

/** pino's number of the level. */
const info = 30;

export type OperationFields = {
  operationId: string;
  operationName: string | undefined;
  clientName: string | undefined;
  caller: string | undefined;
  codes: readonly string[];
  cached: number;
  shared: number;
  called: number;
  bytes: number | undefined;
};

export type AttemptFields = {
  operationId: string;
  requestId: string;
  attempt: number;
  outcome: string;
  queueMs: number;
};

/** @param time as pino has it: `,"time":"…"`. */
export function operationLine(time: string, durationMs: number, fields: OperationFields): string {
  const { operationId, operationName, clientName, caller, codes, cached, shared, called, bytes } = fields;
  return (
    `{"level":${info}${time},"operationId":${quoted(operationId)}` +
    optional('operationName', operationName) +
    optional('clientName', clientName) +
    optional('caller', caller) +
    `,"codes":${codes.length === 0 ? '[]' : JSON.stringify(codes)}` +
    `,"cached":${cached},"shared":${shared},"called":${called}` +
    (bytes === undefined ? '' : `,"bytes":${bytes}`) +
    `,"durationMs":${durationMs},"msg":"operation"}\n`
  );
}

export function attemptLine(time: string, durationMs: number, fields: AttemptFields): string {
  const { operationId, requestId, attempt, outcome, queueMs } = fields;
  return (
    `{"level":${info}${time},"operationId":${quoted(operationId)},"requestId":${quoted(requestId)}` +
    `,"attempt":${attempt},"outcome":${quoted(outcome)}` +
    `,"durationMs":${durationMs},"queueMs":${Math.round(queueMs)},"msg":"upstream attempt"}\n`
  );
}

function optional(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":${quoted(value)}`;
}

/** Clients choose ids and names. Everything but printable ASCII without quote and backslash is left to JSON.stringify. */
function quoted(text: string): string {
  return /[^ !#-[\]-~]/.test(text) ? JSON.stringify(text) : `"${text}"`;
}
