/**
 * The operations that are prepared, by their documents: frontends send the same few again and again.
 */
import type { DocumentNode } from 'graphql';
import { createDocumentCache } from '../document-cache.ts';
import type { RequestedDocument } from '../documents.ts';
import type { TrustedDocument } from '../manifest.ts';
import type { ViberLogSchema } from '../schema.ts';
import { PreparedOperation } from './prepared-operation.ts';

type OperationName = string | null | undefined;
/** The document, where Yoga's parser and rules let it through. */
type ValidDocument = (source: string, operationName: OperationName) => DocumentNode | null;

export class PreparedOperations {
  readonly #schema: ViberLogSchema;
  readonly #validDocument: ValidDocument;
  readonly #byText = createDocumentCache<PreparedOperation>();
  /** By the name of the operation. Those of trusted documents stay: no client adds any. */
  readonly #trusted = new WeakMap<TrustedDocument, Map<string, PreparedOperation>>();

  constructor(schema: ViberLogSchema, validDocument: ValidDocument) {
    this.#schema = schema;
    this.#validDocument = validDocument;
  }

  /** Null where it is not valid. */
  find(document: RequestedDocument, operationName: OperationName): PreparedOperation | null {
    return this.known(document, operationName) ?? this.#prepare(document, operationName);
  }

  /** The one that is cached. */
  known({ text, trusted }: RequestedDocument, operationName: OperationName): PreparedOperation | undefined {
    // A trusted one without a look at the text, which costs more the longer it is.
    return trusted
      ? this.#trusted.get(trusted)?.get(operationName ?? '')
      : this.#byText.get(keyOf(text, operationName));
  }

  #prepare({ text, trusted }: RequestedDocument, operationName: OperationName): PreparedOperation | null {
    const document = this.#validDocument(text, operationName);
    if (document === null) return null;
    const operation = new PreparedOperation(this.#schema, document, operationName);
    operation.isCached = trusted
      ? this.#keepTrusted(trusted, operationName ?? '', operation)
      : this.#byText.set(keyOf(text, operationName), operation);
    return operation;
  }

  #keepTrusted(trusted: TrustedDocument, name: string, operation: PreparedOperation): true {
    this.#trusted.set(trusted, (this.#trusted.get(trusted) ?? new Map()).set(name, operation));
    return true;
  }
}

/** With the length first, no name and document can be taken for another name and document. */
function keyOf(source: string, operationName: OperationName): string {
  const name = operationName ?? '';
  return `${name.length}:${name}${source}`;
}
