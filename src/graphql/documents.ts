/**
 * Which document a request means, for both execution paths and all transports: the one that it has, or the one that it names.
 *
 * With trusted documents only those run. Without, clients may register documents (automatic persisted queries, APQ).
 */
import type { Plugin } from 'graphql-yoga';
import { AutomaticDocuments } from './automatic-documents.ts';
import type { DocumentRegistration, Operation, ServerContext } from './context.ts';
import { publicError } from './errors.ts';
import { type Manifest, sha256Of, type TrustedDocument, withoutPrefix } from './manifest.ts';

/** As the client sent them: any of them may be anything. */
export type DocumentParams = { readonly [name: string]: unknown };

export type RequestedDocument = { text: string; trusted: TrustedDocument | null };

export type Documents = {
  /** The parameters that may name a document, beside `extensions`. */
  idParams: readonly string[];
  /**
   * Null where the request has no document and names none: the transport refuses it.
   *
   * @throws GraphQLError
   */
  documentOf: (params: DocumentParams, operation: Operation) => RequestedDocument | null;
};

/** GraphQL over HTTP, appendix A. */
const documentId = 'documentId';
/** Of Relay's network layers. */
const relayIds = ['id', 'doc_id'];

export function createTrustedDocuments({ documents, ids }: Manifest): Documents {
  const byText = new Map(documents.map((document) => [document.text, document]));
  const byId = new Map(ids);
  const idParams = [documentId, ...relayIds];

  function documentOf(params: DocumentParams, operation: Operation): RequestedDocument | null {
    const { query } = params;
    const ids = idsIn(params, idParams);
    if (!hasDocument(params, ids)) return null;
    const trusted = isText(query) ? byText.get(query) : byId.get(ids[0] as string);
    if (!trusted) throw publicError(isText(query) ? 'trustedDocumentRequired' : 'persistedQueryNotFound');
    if (ids.some((id) => byId.get(id) !== trusted)) throw publicError('persistedQueryMismatch');
    operation.isTrusted = true;
    return { text: trusted.text, trusted };
  }

  return { idParams, documentOf };
}

export function createAutomaticDocuments(maxBytes: number): Documents {
  const documents = new AutomaticDocuments(maxBytes);
  const idParams = [documentId];

  function documentOf(params: DocumentParams, operation: Operation): RequestedDocument | null {
    const { query } = params;
    const hashes = idsIn(params, idParams).map(withoutPrefix);
    if (!hasDocument(params, hashes)) return null;
    if (documents.isOff && !isText(query)) throw publicError('persistedQueryNotSupported');
    if (documents.isOff || hashes.length === 0) return { text: query as string, trusted: null };
    return registered(query, hashes, operation);
  }

  function registered(query: unknown, hashes: readonly string[], operation: Operation): RequestedDocument {
    const sha256 = isText(query) ? sha256Of(query) : (hashes[0] as string);
    if (hashes.some((hash) => hash !== sha256)) throw publicError('persistedQueryMismatch');
    const text = isText(query) ? query : documents.find(sha256);
    if (text === undefined) throw publicError('persistedQueryNotFound');
    operation.registration = registrationOf(sha256, text);
    return { text, trusted: null };
  }

  function registrationOf(sha256: string, text: string): DocumentRegistration {
    return (callerKey) => documents.register(sha256, text, callerKey);
  }

  return { idParams, documentOf };
}

/** What is executed was valid. */
export function useDocumentRegistration(): Plugin<ServerContext, ServerContext> {
  return {
    onExecute: ({ args }) => args.contextValue.operation.registration?.(),
    onSubscribe: ({ args }) => args.contextValue.operation.registration?.(),
  };
}

/** @throws GraphQLError */
function idsIn(params: DocumentParams, names: readonly string[]): string[] {
  const ids: string[] = [];
  for (const name of names) {
    const id = params[name];
    if (id == null) continue;
    if (typeof id !== 'string') throw publicError('documentIdInvalid');
    ids.push(id);
  }
  const { version, sha256Hash } = persistedQueryIn(params) ?? {};
  if (version === 1 && typeof sha256Hash === 'string') ids.push(sha256Hash);
  return ids;
}

/** Anything else in the place of the query is refused where a request without documents is. @throws GraphQLError */
function hasDocument(params: DocumentParams, ids: readonly unknown[]): boolean {
  const { query } = params;
  if (isText(query)) return true;
  // Where a protocol requires a query, clients send an empty one.
  if (query != null && query !== '') return false;
  if (ids.length > 0) return true;
  // In another version, or malformed. After this refusal clients send the query.
  if (persistedQueryIn(params) !== null) throw publicError('persistedQueryNotSupported');
  return false;
}

/** Of Apollo's clients. */
function persistedQueryIn({ extensions }: DocumentParams): { version?: unknown; sha256Hash?: unknown } | null {
  if (typeof extensions !== 'object') return null;
  return (extensions as { persistedQuery?: object | null } | null)?.persistedQuery ?? null;
}

function isText(query: unknown): query is string {
  return typeof query === 'string' && query !== '';
}
