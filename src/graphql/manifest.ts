/**
 * Reads a manifest of trusted documents, and reports every fault of it. Three tools write one:
 *
 * - graphql-codegen's client preset and Relay's compiler: `{ "<id>": "<document>" }`; the id is a hash of the document, mostly SHA-1 or MD5.
 * - Apollo's tooling: `{ "format": "apollo-persisted-query-manifest", "version": 1, "operations": [{ "id", "body", "name", "type" }] }`.
 */
import { hash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

export type TrustedDocument = {
  /** As the manifest has it, the first one if it has several. */
  id: string;
  text: string;
};

export type Manifest = {
  documents: readonly TrustedDocument[];
  /** By which a request may name a document: those of the manifest, and the SHA-256 of its text. */
  ids: readonly (readonly [id: string, document: TrustedDocument])[];
};

type Entry = { id: unknown; text: unknown };

/** Each document takes more memory than its text. */
const maxBytes = 16 * 1024 ** 2;
const apolloFormat = 'apollo-persisted-query-manifest';
const expected = 'expected a manifest of graphql-codegen, Apollo or Relay';
const prefix = 'sha256:';

/** @param onFault is called with each fault; the manifest is of use only without any. */
export function readManifest(path: string, onFault: (fault: string) => void): Manifest {
  const json = readJson(path, onFault);
  const entries = json === undefined ? [] : entriesIn(json, onFault);
  const documents = new Map<string, TrustedDocument>();
  const ids = new Map<string, TrustedDocument>();
  for (const { id, text } of entries) {
    if (typeof id !== 'string' || id === '') onFault('a document has no id');
    else if (typeof text !== 'string' || text === '') onFault(`${quoted(id)} has no document`);
    else if (isOtherHash(id, text)) onFault(`${quoted(id)} is not the SHA-256 of its document`);
    else if (ids.has(id) && ids.get(id)?.text !== text) onFault(`${quoted(id)} has two documents`);
    else add(id, text);
  }

  function add(id: string, text: string): void {
    const document = documents.get(text) ?? { id, text };
    documents.set(text, document);
    const sha256 = sha256Of(text);
    for (const one of [id, sha256, prefix + sha256]) ids.set(one, document);
  }

  return { documents: [...documents.values()], ids: [...ids] };
}

/** As GraphQL over HTTP (appendix A) and Apollo's clients have it: lower-case hexadecimal. */
export function sha256Of(text: string): string {
  return hash('sha256', text);
}

/** The hash alone of an id of GraphQL over HTTP (appendix A, "SHA256 Hex Document Identifier"). */
export function withoutPrefix(id: string): string {
  return id.startsWith(prefix) ? id.slice(prefix.length) : id;
}

function readJson(path: string, onFault: (fault: string) => void): unknown {
  try {
    const file = statSync(path);
    // A device or a pipe may have no end.
    if (!file.isFile()) throw new Error('this is not a file');
    if (file.size > maxBytes) throw new Error(`the file has ${file.size} bytes, and may have ${maxBytes}`);
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    onFault(`${expected}; ${faultOf(error as NodeJS.ErrnoException)}`);
    return undefined;
  }
}

/** Without the path, which is in the fault already, and without the text, which may be any file's. */
function faultOf(error: NodeJS.ErrnoException): string {
  if (error instanceof SyntaxError) return 'the file is not JSON';
  return error.code === undefined ? error.message : `the file cannot be read: ${error.code}`;
}

function entriesIn(json: unknown, onFault: (fault: string) => void): Entry[] {
  const entries = isObject(json) ? entriesOf(json) : null;
  if (entries === null) onFault(`${expected}; the file has another format`);
  else if (entries.length === 0) onFault(`${expected}; the file has no documents`);
  return entries ?? [];
}

/** Null for a format that is none of the three. */
function entriesOf(manifest: Record<string, unknown>): Entry[] | null {
  const { format, version, operations } = manifest;
  if (Array.isArray(operations)) {
    if (format !== apolloFormat || version !== 1) return null;
    return operations.map((operation) => ({ id: operation?.id, text: operation?.body }));
  }
  const entries = Object.entries(manifest).map(([id, text]) => ({ id, text }));
  // A file of something else has few texts, and need not be reported once for each of its keys.
  return entries.length === 0 || entries.some(({ text }) => typeof text === 'string') ? entries : null;
}

/** Ids of other lengths may be whatever their tool likes. */
function isOtherHash(id: string, text: string): boolean {
  const given = withoutPrefix(id);
  return (given !== id || /^[0-9a-f]{64}$/i.test(given)) && given !== sha256Of(text);
}

function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** A line of the report stays short, whatever the file has for an id. */
function quoted(id: string): string {
  return JSON.stringify(id.length > 80 ? `${id.slice(0, 80)}…` : id);
}
