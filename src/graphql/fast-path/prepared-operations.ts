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
  find({ text, trusted }: RequestedDocument, operationName: OperationName): PreparedOperation | null {
    return trusted ? this.#findTrusted(trusted, operationName) : this.#findByText(text, operationName);
  }

  /** Without a look at the text, which costs more the longer it is. */
  #findTrusted(trusted: TrustedDocument, operationName: OperationName): PreparedOperation | null {
    const name = operationName ?? '';
    const known = this.#trusted.get(trusted)?.get(name);
    if (known) return known;
    const operation = this.#prepare(trusted.text, operationName);
    if (operation === null) return null;
    operation.isCached = true;
    this.#trusted.set(trusted, (this.#trusted.get(trusted) ?? new Map()).set(name, operation));
    return operation;
  }

  #findByText(source: string, operationName: OperationName): PreparedOperation | null {
    // With the length first, no name and document can be taken for another name and document.
    const name = operationName ?? '';
    const key = `${name.length}:${name}${source}`;
    const known = this.#byText.get(key);
    if (known) return known;
    const operation = this.#prepare(source, operationName);
    if (operation) operation.isCached = this.#byText.set(key, operation);
    return operation;
  }

  #prepare(source: string, operationName: OperationName): PreparedOperation | null {
    const document = this.#validDocument(source, operationName);
    return document && new PreparedOperation(this.#schema, document, operationName);
  }
}
