/**
 * A query that was found to be valid, with what is known of it for its next runs.
 */
import {
  type DocumentNode,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  print,
  type VariableDefinitionNode,
  visit,
} from 'graphql';
import type { Variables } from '../collect-fields.ts';
import { nameOf } from '../operation-log.ts';
import { type ExecutionPlan, executionPlanOf } from './execution-plan.ts';
import { createResponseWriter, type WriteResponse } from './response-writer.ts';

export type Planned = {
  /** Of this plan, and of no other in this process. */
  number: number;
  plan: ExecutionPlan;
  write: WriteResponse;
};

/** A query whose `@skip` and `@include` have more outcomes gets a new plan for each request. */
const mostPlans = 16;
let plans = 0;

export class PreparedQuery {
  readonly document: DocumentNode;
  readonly operationName: string | null | undefined;
  readonly name: string | undefined;
  /** Responses of a query that is not cached are not cached either: their key names its plan, which no other request finds. */
  isCached = false;
  /** Whether coercion would change nothing: ids that come as texts, and that is how frontends send them. */
  readonly areCoerced: (given: Variables) => boolean;
  /** As the specification has it (section 6.1.2). Null where the variables do not fit. */
  readonly coerced: (given: Variables) => Variables | null;
  readonly #schema: GraphQLSchema;
  /** The variables that decide which fields there are. */
  readonly #conditions: readonly string[];
  readonly #plans = new Map<string, Planned | null>();

  constructor(schema: GraphQLSchema, document: DocumentNode, operationName: string | null | undefined) {
    this.document = document;
    this.operationName = operationName;
    this.name = nameOf(document, operationName);
    const definitions = getOperationAST(document, operationName)?.variableDefinitions ?? [];
    this.areCoerced = createCoercionCheck(definitions);
    this.coerced = (given) => getVariableValues(schema, definitions, given).coerced ?? null;
    this.#schema = schema;
    this.#conditions = conditionsIn(document);
  }

  /** Null where graphql-js has to execute it. */
  plannedFor(variables: Variables): Planned | null {
    const key = this.#keyOf(variables);
    const known = this.#plans.get(key);
    if (known !== undefined) return known;
    const plan = executionPlanOf(this.#schema, this.document, this.operationName, variables);
    const planned = plan && { number: ++plans, plan, write: createResponseWriter(plan) };
    if (this.#plans.size < mostPlans) this.#plans.set(key, planned);
    return planned;
  }

  #keyOf(variables: Variables): string {
    return this.#conditions.length === 0 ? '' : JSON.stringify(this.#conditions.map((name) => variables[name]));
  }
}

function createCoercionCheck(definitions: readonly VariableDefinitionNode[]) {
  const wanted = definitions.map(({ variable, type }) => ({ name: variable.name.value, type: print(type) }));
  return (given: Variables) => wanted.every(({ name, type }) => isAsWanted(given[name], type));
}

function isAsWanted(value: unknown, type: string): boolean {
  switch (type) {
    case 'ID!':
      return typeof value === 'string';
    case '[ID!]!':
      return Array.isArray(value) && value.every((item) => typeof item === 'string');
    case 'Boolean!':
      return typeof value === 'boolean';
    default:
      return false;
  }
}

function conditionsIn(document: DocumentNode): string[] {
  const names = new Set<string>();
  visit(document, {
    Directive: (directive) =>
      void visit(directive, {
        Variable: ({ name }) => void names.add(name.value),
      }),
  });
  return [...names];
}
