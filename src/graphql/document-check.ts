/**
 * Checks documents without a request, by the same parser and rules as everywhere.
 */
import { type DocumentNode, type GraphQLError, type GraphQLSchema, Kind, parse } from 'graphql';
import type { Manifest } from './manifest.ts';

type OperationName = string | null | undefined;

/** Yoga's, plug-ins applied. One of them looks for the operation, so it needs the name. */
type OpenPipeline = (operationName: OperationName) => {
  schema: GraphQLSchema;
  parse: (source: string) => DocumentNode;
  validate: (schema: GraphQLSchema, document: DocumentNode) => readonly GraphQLError[];
};

export type DocumentCheck = {
  /** Null where it is not valid. */
  validDocument: (source: string, operationName: OperationName) => DocumentNode | null;
  /** A document that the schema or the limits refuse would be trusted in vain. */
  faultsIn: (manifest: Manifest) => string[];
};

export function createDocumentCheck(openPipeline: OpenPipeline): DocumentCheck {
  /** @throws Error where it cannot be parsed. */
  function check(source: string, operationName: OperationName) {
    const { schema, parse, validate } = openPipeline(operationName);
    const document = parse(source);
    return { document, errors: validate(schema, document) };
  }

  function validDocument(source: string, operationName: OperationName): DocumentNode | null {
    try {
      const { document, errors } = check(source, operationName);
      return errors.length === 0 ? document : null;
    } catch {
      return null;
    }
  }

  function faultIn(source: string): string | undefined {
    try {
      return check(source, anOperationIn(source)).errors[0]?.message;
    } catch (error) {
      return (error as Error).message;
    }
  }

  function faultsIn({ documents }: Manifest): string[] {
    return documents.flatMap(({ id, text }) => {
      const fault = faultIn(text);
      return fault === undefined ? [] : [`${JSON.stringify(id)} is not valid: ${fault}`];
    });
  }

  return { validDocument, faultsIn };
}

/** @throws GraphQLError */
function anOperationIn(source: string): string | undefined {
  const operations = parse(source).definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  return operations.map((definition) => ('name' in definition ? definition.name?.value : undefined))[0];
}
