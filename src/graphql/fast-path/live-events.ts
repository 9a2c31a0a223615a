/**
 * The events of one prepared subscription. The event of one update is made once, however many followers of one caller wait for it:
 * executing a selection and writing it costs many times what sending it does.
 */
import { type GraphQLError, locatedError } from 'graphql';
import { Cancellation } from '../../d7/cancellation.ts';
import type { ReadResult } from '../../d7/read-result.ts';
import type { LiveUpdate } from '../../viber-log/live-log.ts';
import { createFingerprint, type Fingerprint } from '../changes.ts';
import type { CreateContext, Operation, OperationContext } from '../context.ts';
import { publicErrorFor } from '../errors.ts';
import type { MaskError } from '../mask-error.ts';
import type { Bytes } from '../response/json-writer.ts';
import { nothingComputed } from '../response/object-writer.ts';
import type { Responses } from '../response/responses.ts';
import { ComputedViews, type FailedView } from './computed-views.ts';
import type { PlannedField, PlannedRead } from './execution-plan.ts';
import { afterTurns } from './follower-turns.ts';
import type { Planned } from './prepared-operation.ts';

export type LiveEvent = {
  body: Bytes;
  codes: readonly string[];
  /** Equal for events that say the same; null for one that is always sent. */
  fingerprint: string | null;
  /** What a transport makes of it for all its followers. */
  framed: string | undefined;
};

export type LiveEventsParts = { createContext: CreateContext; responses: Responses; maskError: MaskError };

type Made = { token: string; event: LiveEvent | Promise<LiveEvent> };

export class LiveEvents {
  readonly #planned: Planned;
  readonly #field: PlannedField & PlannedRead;
  readonly #fingerprintOf: Fingerprint | null;
  readonly #parts: LiveEventsParts;
  /** Until all followers had their turn. D7 has given each result to one caller, and to no other. */
  readonly #made = new Map<ReadResult, Made>();

  constructor(planned: Planned, field: PlannedField & PlannedRead, parts: LiveEventsParts) {
    this.#planned = planned;
    this.#field = field;
    this.#fingerprintOf = createFingerprint(field.viberLog, field.notFound ?? []);
    this.#parts = parts;
  }

  /** @param token of the operation's caller. */
  eventOf(update: LiveUpdate, token: string, operation: Operation): LiveEvent | Promise<LiveEvent> {
    const context = () => this.#contextFor(operation);
    // The last one of each follower, and short.
    if (update instanceof Error) return this.#eventOfFailure(update, context());
    const made = this.#made.get(update);
    if (made) return made.token === token ? made.event : this.#make(update, context());
    return this.#makeForAll(update, token, context());
  }

  /** Of its own: no follower's end may end the event of the others. */
  #contextFor({ id, authorizations, trace }: Operation): OperationContext {
    const operation = { id, authorizations, trace, startedMs: performance.now(), bypassesCache: false };
    return this.#parts.createContext(operation, new Cancellation());
  }

  #makeForAll(update: ReadResult, token: string, context: OperationContext): LiveEvent | Promise<LiveEvent> {
    const event = this.#make(update, context);
    const made: Made = { token, event };
    this.#made.set(update, made);
    const forget = () => {
      context.response.end();
      this.#made.delete(update);
    };
    if (event instanceof Promise) {
      const onMade = (known: LiveEvent) => {
        made.event = known;
        afterTurns(forget);
      };
      event.then(onMade, forget);
    } else {
      afterTurns(forget);
    }
    return event;
  }

  #make(result: ReadResult, context: OperationContext): LiveEvent | Promise<LiveEvent> {
    const views = this.#planned.plan.hasViews ? new ComputedViews(context) : null;
    const failed = views === null ? null : views.compute(result, this.#field.viberLog);
    return failed instanceof Promise
      ? failed.then((late) => this.#write(result, views, late, context))
      : this.#write(result, views, failed, context);
  }

  #write(
    result: ReadResult,
    views: ComputedViews | null,
    failed: FailedView | null,
    context: OperationContext,
  ): LiveEvent | Promise<LiveEvent> {
    if (failed) {
      const { error, nodes, key } = failed;
      return this.#written(null, null, [locatedError(error, nodes, [this.#field.key, key])], null, context);
    }
    const computed = result.kind === 'log' && views !== null ? views.of(result) : nothingComputed;
    const fingerprint = this.#fingerprintOf?.(result, computed, context.response) ?? null;
    return fingerprint instanceof Promise
      ? fingerprint.then((late) => this.#written(result, views, [], late, context))
      : this.#written(result, views, [], fingerprint, context);
  }

  #eventOfFailure(failure: Error, context: OperationContext): LiveEvent | Promise<LiveEvent> {
    const { key, nodes } = this.#field;
    return this.#written(null, null, [locatedError(publicErrorFor(failure), nodes, [key])], null, context);
  }

  #written(
    found: ReadResult | null,
    views: ComputedViews | null,
    errors: readonly GraphQLError[],
    fingerprint: string | null,
    { response }: OperationContext,
  ): LiveEvent | Promise<LiveEvent> {
    const { responses, maskError } = this.#parts;
    const { write } = this.#planned;
    const written = responses.write(
      (out, formatted) => write(out, [found], views, formatted),
      errors.map(maskError),
      response,
    );
    const eventOf = ({ body, codes }: Awaited<typeof written>) => ({ body, codes, fingerprint, framed: undefined });
    return written instanceof Promise ? written.then(eventOf) : eventOf(written);
  }
}
