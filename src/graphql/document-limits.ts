/**
 * What a document may look like, whoever sends it: its size, its depth, its aliases and directives, and what it may learn
 * of the schema. All of it is checked before anything is run, and answered 400 with a code.
 */
import { maxAliasesRule } from '@escape.tech/graphql-armor-max-aliases';
import { maxDepthRule } from '@escape.tech/graphql-armor-max-depth';
import { maxDirectivesRule } from '@escape.tech/graphql-armor-max-directives';
import {
  type FieldNode,
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  parse,
  type ValidationContext,
  validate,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type PublicErrorKind, publicError } from './errors.ts';

export type DocumentLimits = {
  maxTokens: number;
  maxDepth: number;
  maxAliases: number;
  maxDirectives: number;
  introspection: boolean;
  fieldSuggestions: boolean;
};

export function useDocumentLimits(limits: DocumentLimits): Plugin {
  const rules = [
    maxDepthRule({ n: limits.maxDepth, ...reportedAs('tooDeep', limits.maxDepth) }),
    maxAliasesRule({ n: limits.maxAliases, ...reportedAs('tooManyAliases', limits.maxAliases) }),
    maxDirectivesRule({ n: limits.maxDirectives, ...reportedAs('tooManyDirectives', limits.maxDirectives) }),
    ...(limits.introspection ? [] : [NoSchemaIntrospectionCustomRule, noSubgraphSchemaRule]),
  ];
  return {
    onParse({ setParseFn }) {
      setParseFn((source: string, options: object) => parseWithin(limits.maxTokens, source, options));
    },
    onValidate({ addValidationRule, setValidationFn }) {
      for (const rule of rules) addValidationRule(rule);
      if (!limits.fieldSuggestions) setValidationFn(validateWithoutSuggestions);
    },
  };
}

/** A subgraph tells its schema by a field of its own (Federation 2, `Query._service`), too. */
function noSubgraphSchemaRule(context: ValidationContext) {
  return {
    Field(node: FieldNode) {
      if (node.name.value !== '_service') return;
      context.reportError(new GraphQLError('GraphQL introspection has been disabled.', { nodes: node }));
    },
  };
}

/** The plug-ins' own words bear no code; they are reported in ours, and validation goes on to whatever else is wrong. */
function reportedAs(kind: PublicErrorKind, limit: number) {
  const report = (context: ValidationContext | null) => context?.reportError(publicError(kind, { limit }));
  return { propagateOnRejection: false, onReject: [report] };
}

/** graphql-js counts tokens as the lexer reads them, so the parser never gets to recurse into a document that is too long. */
function parseWithin(maxTokens: number, source: string, options: object) {
  try {
    return parse(source, { ...options, maxTokens });
  } catch (error) {
    const tooLong = error instanceof Error && error.message.includes(`more that ${maxTokens} tokens`);
    throw tooLong ? publicError('tooManyTokens', { limit: maxTokens }) : error;
  }
}

const validateWithoutSuggestions: typeof validate = (schema, document, rules, options, typeInfo) =>
  validate(schema, document, rules, { ...options, hideSuggestions: true }, typeInfo);
