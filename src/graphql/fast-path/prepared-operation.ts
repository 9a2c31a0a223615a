/**
 * A query or a subscription that was found to be valid, with what is known of it for its next runs.
 */
import {
  type ArgumentNode,
  type ASTNode,
  type DocumentNode,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  type OperationTypeNode,
  print,
  TypeInfo,
  type VariableDefinitionNode,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { Variables } from '../collect-fields.ts';
import { nameOf } from '../operation-log.ts';
import type { ViberLogSchema } from '../schema.ts';
import { type ExecutionPlan, executionPlanOf } from './execution-plan.ts';
import { createResponseWriter, type WriteResponse } from './response-writer.ts';

export type Planned = {
  /** Of this plan, and of no other in this process. */
  number: number;
  plan: ExecutionPlan;
  write: WriteResponse;
  /** Whether the next request with the same variables finds it. */
  isCached: boolean;
};

/** Of one query. Its `@skip` and `@include`, and the arguments of its fields, may have more outcomes. */
const mostPlans = 16;
/** A plan for longer variables is made for each request. */
const longestKey = 512;
let plans = 0;

export class PreparedOperation {
  readonly document: DocumentNode;
  readonly operationName: string | null | undefined;
  readonly name: string | undefined;
  readonly type: OperationTypeNode | undefined;
  /** Responses of a query that is not cached are not cached either: their key names its plan, which no other request finds. */
  isCached = false;
  /** Whether coercion would change nothing: ids that come as texts, and that is how frontends send them. */
  readonly areCoerced: (given: Variables) => boolean;
  /** As the specification has it (section 6.1.2). Null where the variables do not fit. */
  readonly coerced: (given: Variables) => Variables | null;
  readonly #schema: ViberLogSchema;
  /** The variables that decide what the plan is. */
  readonly #deciding: readonly string[];
  readonly #plans = new Map<string, Planned | null>();

  constructor(schema: ViberLogSchema, document: DocumentNode, operationName: string | null | undefined) {
    this.document = document;
    this.operationName = operationName;
    this.name = nameOf(document, operationName);
    const operation = getOperationAST(document, operationName);
    this.type = operation?.operation;
    const definitions = operation?.variableDefinitions ?? [];
    this.areCoerced = createCoercionCheck(definitions);
    this.coerced = (given) => getVariableValues(schema.schema, definitions, given).coerced ?? null;
    this.#schema = schema;
    this.#deciding = decidingVariablesIn(schema.schema, document);
  }

  /** Null where graphql-js has to execute it. */
  plannedFor(variables: Variables): Planned | null {
    const key = this.#keyOf(variables);
    const known = this.#plans.get(key);
    if (known !== undefined) return known;
    const isCached = this.isCached && key.length <= longestKey;
    const plan = executionPlanOf(this.#schema, this.document, this.operationName, variables);
    const planned = plan && { number: ++plans, plan, write: createResponseWriter(plan), isCached };
    if (isCached) this.#remember(key, planned);
    return planned;
  }

  /** The oldest one makes way: of a query that pages through a log, each page has a plan. */
  #remember(key: string, planned: Planned | null): void {
    if (this.#plans.size >= mostPlans) this.#plans.delete(this.#plans.keys().next().value as string);
    this.#plans.set(key, planned);
  }

  #keyOf(variables: Variables): string {
    return this.#deciding.length === 0 ? '' : JSON.stringify(this.#deciding.map((name) => variables[name]));
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
    case '[_Any!]!':
      return Array.isArray(value) && !value.includes(null);
    case '[ID!]!':
      return Array.isArray(value) && value.every((item) => typeof item === 'string');
    case 'Boolean!':
      return typeof value === 'boolean';
    default:
      return false;
  }
}

/** Those in directives, and in arguments of the fields of a log. The ids of a root field do not change the plan. */
function decidingVariablesIn(schema: GraphQLSchema, document: DocumentNode): string[] {
  const names = new Set<string>();
  const collectIn = (node: ASTNode) => void visit(node, { Variable: ({ name }) => void names.add(name.value) });
  const typeInfo = new TypeInfo(schema);
  const rootTypes = new Set<unknown>([schema.getQueryType(), schema.getSubscriptionType()]);
  const visitor = {
    Directive: collectIn,
    Argument(argument: ArgumentNode) {
      if (!rootTypes.has(typeInfo.getParentType())) collectIn(argument);
    },
  };
  visit(document, visitWithTypeInfo(typeInfo, visitor));
  return [...names];
}
