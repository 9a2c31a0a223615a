/**
 * Limits on each document: its size and shape, and what it may learn of the schema. All of it is checked before
 * anything is run, and answered 400 with a code.
 */
import {
  type DocumentNode,
  type FieldNode,
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  type ValidationContext,
  type ValidationRule,
  validate,
  visit,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { checkShape, type ShapeLimits } from './document-shape.ts';
import { publicError } from './errors.ts';
import { mergeRules } from './merged-rules.ts';

export type DocumentLimits = ShapeLimits & {
  maxTokens: number;
  maxNameLength: number;
  introspection: boolean;
  fieldSuggestions: boolean;
};

export function useDocumentLimits(limits: DocumentLimits): Plugin {
  const { maxTokens, maxNameLength } = limits;
  /** Most documents have no word of this length: then their names need no check. */
  const longWord = new RegExp(`[_0-9A-Za-z]{${maxNameLength + 1}}`);
  const ownRules = limits.introspection ? [] : [NoSchemaIntrospectionCustomRule, noSubgraphSchemaRule];
  const hideSuggestions = !limits.fieldSuggestions;
  const validateMerged = (
    schema: GraphQLSchema,
    document: DocumentNode,
    rules: readonly ValidationRule[] = specifiedRules,
  ) => validate(schema, document, [mergeRules(rules)], { hideSuggestions });
  return {
    onParse({ setParseFn }) {
      // The shape is checked with the parser, and not by a rule of validation: some rules take longer the more fields repeat.
      setParseFn((source: string, options: object) => {
        const document = parseWithin(maxTokens, source, options);
        if (longWord.test(source)) checkNames(document, maxNameLength);
        checkShape(document, limits);
        return document;
      });
    },
    onValidate({ addValidationRule, setValidationFn }) {
      for (const rule of ownRules) addValidationRule(rule);
      setValidationFn(validateMerged);
    },
  };
}

/** A subgraph also reports its schema by a field of its own (Federation 2, `Query._service`). */
function noSubgraphSchemaRule(context: ValidationContext) {
  return {
    Field(node: FieldNode) {
      if (node.name.value !== '_service') return;
      context.reportError(new GraphQLError('GraphQL introspection has been disabled.', { nodes: node }));
    },
  };
}

/** graphql-js counts tokens as the lexer reads them, so the parser never gets to recurse into a document that is too long. */
function parseWithin(maxTokens: number, source: string, options: object): DocumentNode {
  try {
    return parse(source, { ...options, maxTokens });
  } catch (error) {
    const tooLong = error instanceof Error && error.message.includes(`more that ${maxTokens} tokens`);
    throw tooLong ? publicError('tooManyTokens', { limit: maxTokens }) : error;
  }
}

/** Error messages quote names, so that a long one is repeated in each error that it causes. */
function checkNames(document: DocumentNode, maxNameLength: number): void {
  visit(document, {
    Name: ({ value }) => {
      if (value.length > maxNameLength) throw publicError('nameTooLong', { limit: maxNameLength });
    },
  });
}
