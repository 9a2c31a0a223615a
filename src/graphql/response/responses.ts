/**
 * Every response of an operation is written here, for both paths and all transports: within the limit of bytes, in slices with a turn of
 * the event loop between them, and counted while it is held.
 */
import type { GraphQLError, GraphQLFormattedError } from 'graphql';
import { type PublicErrorKind, publicError } from '../errors.ts';
import { type Bytes, JsonWriter, ResponseTooLarge, type Steps } from './json-writer.ts';
import type { PendingResponse } from './pending-response.ts';
import { boundedErrors, codesIn, type ErrorLimits, formattedError } from './response-errors.ts';
import { writeResult } from './result-writer.ts';
import { yieldToEventLoop } from './time-slices.ts';

export type ResponseLimits = { maxBytes: number; errors: ErrorLimits };

export type Written = {
  body: Bytes;
  /** Those that are in it. */
  errors: readonly GraphQLError[];
  codes: readonly string[];
};

/** What a transport puts around a response. */
export type Frame = { before: string; after: string };

/** What graphql-js answers, or a part of the pipeline in its place. */
export type Result = { errors?: readonly GraphQLError[] | undefined; data?: unknown };

export type Responses = {
  /** @param parts writes the response, given the errors that are to be in it. */
  write: (
    parts: (out: JsonWriter, errors: readonly GraphQLFormattedError[]) => Steps,
    errors: readonly GraphQLError[],
    pending: PendingResponse | undefined,
    frame?: Frame,
  ) => Written | Promise<Written>;
  writeResult: (result: Result, pending: PendingResponse | undefined, frame?: Frame) => Written | Promise<Written>;
  /** A response that was written before. @param frame that it has, or is to have where a refusal stands in its place. */
  writeAgain: (body: Bytes, pending: PendingResponse, frame?: Frame) => Written;
  /** As many errors as a response may have. */
  bounded: (errors: readonly GraphQLError[]) => readonly GraphQLError[];
  formatted: (error: GraphQLError) => GraphQLFormattedError;
};

const noErrors: readonly GraphQLError[] = [];
const noCodes: readonly string[] = [];
const noFrame: Frame = { before: '', after: '' };

export function createResponses({ maxBytes, errors: limits }: ResponseLimits): Responses {
  /** Nearly all responses are written in one slice, into memory that is used again for the next one. */
  let shared = new JsonWriter(maxBytes);

  const bounded = (errors: readonly GraphQLError[]) => boundedErrors(errors, limits);
  const formatted = (error: GraphQLError) => formattedError(error, limits);

  function write(
    parts: (out: JsonWriter, errors: readonly GraphQLFormattedError[]) => Steps,
    errors: readonly GraphQLError[],
    pending: PendingResponse | undefined,
    frame?: Frame,
  ): Written | Promise<Written> {
    const included = errors.length === 0 ? noErrors : bounded(errors);
    const out = shared;
    const inner = parts(out, included.map(formatted));
    const steps = frame ? framed(out, inner, frame) : inner;
    const writing = { out, steps, errors: included, pending, frame: frame ?? noFrame, formatted };
    out.begin();
    try {
      if (writing.steps.next().done) return complete(writing);
    } catch (error) {
      shared = new JsonWriter(maxBytes);
      return refuse(writing, error);
    }
    shared = new JsonWriter(maxBytes);
    return goOn(writing);
  }

  return {
    write,
    bounded,
    formatted,
    writeResult: ({ errors = noErrors, data }, pending, frame) =>
      write((out, formatted) => writeResult(out, formatted, data, pending?.rows.root), errors, pending, frame),
    writeAgain(body, pending, frame = noFrame) {
      if (body.length > maxBytes) return refusal('responseTooLarge', { frame, pending, formatted });
      return pending.tryComplete(body)
        ? { body, errors: noErrors, codes: noCodes }
        : refusal(pending.overload, { frame, pending, formatted });
    },
  };
}

type Writing = {
  out: JsonWriter;
  steps: Steps;
  errors: readonly GraphQLError[];
  pending: PendingResponse | undefined;
  frame: Frame;
  formatted: (error: GraphQLError) => GraphQLFormattedError;
};

async function goOn(writing: Writing): Promise<Written> {
  const { out, steps, pending } = writing;
  try {
    do {
      // The client has disconnected.
      if (pending?.hasEnded) return refusal('unavailable', writing);
      if (pending && !pending.tryGrow(out.length)) return refusal(pending.overload, writing);
      await yieldToEventLoop(pending ?? writing);
      out.beginSlice();
    } while (!steps.next().done);
    return complete(writing);
  } catch (error) {
    return refuse(writing, error);
  }
}

function* framed(out: JsonWriter, steps: Steps, { before, after }: Frame): Steps {
  out.text(before);
  yield* steps;
  out.text(after);
}

function complete(writing: Writing): Written {
  const { out, errors, pending } = writing;
  const body = out.take();
  if (pending && !pending.tryComplete(body)) return refusal(pending.overload, writing);
  return { body, errors, codes: errors.length === 0 ? noCodes : codesIn(errors) };
}

/** @throws whatever is a bug. */
function refuse(writing: Writing, error: unknown): Written {
  if (!(error instanceof ResponseTooLarge)) throw error;
  return refusal('responseTooLarge', writing);
}

/** In place of the whole response: a part of it would look like all there is. */
function refusal(
  kind: PublicErrorKind,
  { frame: { before, after }, pending, formatted }: Pick<Writing, 'frame' | 'pending' | 'formatted'>,
): Written {
  pending?.tryComplete('');
  const mayRetry = kind === 'overloaded' || kind === 'gatewayOverloaded';
  const error = publicError(kind, mayRetry ? { retryAfterSeconds: 1 } : {});
  const text = `${before}${JSON.stringify({ errors: [formatted(error)], data: null })}${after}`;
  return { body: Buffer.from(text).toString('latin1'), errors: [error], codes: codesIn([error]) };
}
