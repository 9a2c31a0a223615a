/**
 * Has Yoga send what responses.ts writes, over HTTP and as server-sent events. Yoga chooses status, type and headers.
 */
import type { Plugin } from 'graphql-yoga';
import type { ServerContext } from '../context.ts';
import { isStream, noteEvent } from '../operation-log.ts';
import { noteStatus } from './response-errors.ts';
import type { Responses, Result, Written } from './responses.ts';

export function useResponses(responses: Responses): Plugin<ServerContext, ServerContext> {
  return {
    async onResultProcess({ result, setResult, serverContext: { operation } }) {
      if (isStream(result)) {
        const events = mapped(result as AsyncIterable<Result>, async (event) => {
          const written = await responses.writeResult(event, operation.response);
          if (noteEvent(operation, written.body.length, written.codes)) operation.repeatEvent?.();
          return sentAs(written);
        });
        setResult(events as unknown as typeof result);
      } else {
        const single = result as Result;
        for (const error of single.errors ?? []) noteStatus(error);
        const written = await responses.writeResult(single, operation.response);
        operation.bodyBytes = written.body.length;
        setResult({ ...seenOf(single, written), ...sentAs(written) } as unknown as typeof result);
      }
    },
  };
}

/** Yoga sends what `stringify` answers, be it a text or bytes. */
function sentAs({ body }: Written): { stringify: () => string | Buffer } {
  // A string of the writer has one byte in each of its characters.
  const text = typeof body === 'string' ? Buffer.from(body, 'latin1') : body;
  return { stringify: () => text };
}

/** What Yoga looks at for the status, and the log for the codes. */
function seenOf({ data }: Result, { errors }: Written): object {
  return { ...(errors.length > 0 && { errors }), ...(data !== undefined && { data: null }) };
}

/** No async generator: one that waits for the next event cannot be ended before it. */
function mapped<From, To>(source: AsyncIterable<From>, map: (value: From) => Promise<To>): AsyncIterable<To> {
  const iterator = source[Symbol.asyncIterator]();
  return {
    [Symbol.asyncIterator]: () => ({
      async next() {
        const { done, value } = await iterator.next();
        return done ? { done, value } : { done: false, value: await map(value) };
      },
      async return(value?: unknown) {
        await iterator.return?.();
        return { done: true, value: value as To };
      },
    }),
  };
}
