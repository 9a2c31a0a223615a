/**
 * Runs plain subscriptions without Yoga's pipeline, by the plan of their document, as query-runner.ts runs queries: what it does not take,
 * and all that is refused, goes through Yoga.
 */
import { type DocumentNode, GraphQLError, locatedError } from 'graphql';
import { Cancellation } from '../../d7/cancellation.ts';
import type { LiveStream } from '../../viber-log/live-log.ts';
import { bearerTokenIn } from '../bearer-token.ts';
import type { Variables } from '../collect-fields.ts';
import type { Admission, CreateContext, Operation, OperationContext } from '../context.ts';
import { publicErrorFor } from '../errors.ts';
import type { MaskError } from '../mask-error.ts';
import type { CostOf } from '../operation-cost.ts';
import type { LogOperation } from '../operation-log.ts';
import type { RateLimit } from '../rate-limit.ts';
import { requestIdIn } from '../request-id.ts';
import type { Responses } from '../response/responses.ts';
import type { ViberLogSchema } from '../schema.ts';
import type { PlannedField, PlannedRead } from './execution-plan.ts';
import { type EventOutput, Follower } from './follower.ts';
import { LiveEvents } from './live-events.ts';
import type { Planned, PreparedOperation } from './prepared-operation.ts';
import type { QueryParams } from './query-runner.ts';

export type SubscriptionRunner = {
  /** Null: nothing was run, and Yoga has to answer. */
  prepare: (prepared: PreparedOperation, params: QueryParams, operation: Operation) => PreparedSubscription | null;
};

export type PreparedSubscription = {
  document: DocumentNode;
  operationName: string | null | undefined;
  /** Counts it, within the rate limits. */
  admit: () => Admission;
  /** @throws GraphQLError where too many are open. */
  follow: (openOutput: () => EventOutput) => Follower;
};

export type SubscriptionRunnerParts = {
  viberLogSchema: ViberLogSchema;
  costOf: CostOf;
  /** Null: there is no limit. */
  rateLimit: RateLimit | null;
  responses: Responses;
  createContext: CreateContext;
  maskError: MaskError;
  logOperation: LogOperation;
  onEvent: () => void;
};

export function createSubscriptionRunner(parts: SubscriptionRunnerParts): SubscriptionRunner {
  const { costOf, rateLimit, createContext, maskError } = parts;
  const { schema } = parts.viberLogSchema;
  const eventsByPlan = new WeakMap<Planned, LiveEvents>();

  function prepare(
    subscription: PreparedOperation,
    { variables: given }: QueryParams,
    operation: Operation,
  ): PreparedSubscription | null {
    if (subscription.type !== 'subscription') return null;
    const { document, operationName, name } = subscription;
    const logs = costOf({ schema, document, operationName, variableValues: given });
    const variables = subscription.coerced(given ?? {});
    if (variables === null || typeof logs !== 'number') return null;
    const planned = plannedFor(subscription, variables);
    const field = planned && onlyReadIn(planned);
    const token = bearerTokenIn(operation.authorizations);
    if (!planned || !field || token === undefined) return null;
    const requestId = requestIdOf(field, variables);
    if (requestId === null) return null;

    function follow(openOutput: () => EventOutput): Follower {
      operation.type = 'subscription';
      operation.name = name;
      operation.registration?.();
      const context = createContext(operation, new Cancellation());
      const stream = open(context, requestId as string, field as PlannedField);
      const events = eventsOf(planned as Planned, field as PlannedField & PlannedRead);
      return new Follower(stream, token as string, context, openOutput(), { ...parts, events });
    }

    return { document, operationName, admit: () => rateLimit?.admit(operation, logs) ?? null, follow };
  }

  /** Null also where a null is in the place of a condition: graphql-js reports it. */
  function plannedFor(subscription: PreparedOperation, variables: Variables): Planned | null {
    try {
      return subscription.plannedFor(variables);
    } catch (error) {
      if (error instanceof GraphQLError) return null;
      throw error;
    }
  }

  /** @throws GraphQLError */
  function open(context: OperationContext, requestId: string, { key, nodes }: PlannedField): LiveStream {
    try {
      return context.liveViberLogs().subscribe(requestId);
    } catch (error) {
      throw maskError(locatedError(publicErrorFor(error), nodes, [key]));
    }
  }

  function eventsOf(planned: Planned, field: PlannedField & PlannedRead): LiveEvents {
    const known = eventsByPlan.get(planned);
    if (known) return known;
    const events = new LiveEvents(planned, field, parts);
    eventsByPlan.set(planned, events);
    return events;
  }

  return { prepare };
}

function onlyReadIn({ plan: { fields } }: Planned): (PlannedField & PlannedRead) | null {
  const [field] = fields;
  return fields.length === 1 && field?.kind === 'one' ? field : null;
}

/** Null for one that is not valid: graphql-js reports it. */
function requestIdOf({ argument }: PlannedRead, variables: Variables): string | null {
  const input = argument(variables);
  return typeof input === 'string' ? requestIdIn(input) : null;
}
