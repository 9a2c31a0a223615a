/**
 * Subscriptions over HTTP: server-sent events (SSE), for clients that accept them.
 */
import type { Plugin } from 'graphql-yoga';
import { publicError } from '../graphql/errors.ts';
import { isStream } from '../graphql/operation-log.ts';

/** Of every event stream, on both paths. */
export const eventStreamHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'private, no-store',
  // Without this, nginx buffers events until its buffer is full.
  'x-accel-buffering': 'no',
};

const acceptsEvents = /text\/event-stream|text\/\*|\*\/\*/;

export function useEventStreams(): Plugin {
  return {
    // Before the subscription starts: Yoga itself checks `Accept` only when it has a stream, and would leave that open.
    onSubscribe({ args: { contextValue }, setResultAndStopExecution }) {
      const accept = (contextValue.request as Partial<Request>).headers?.get('accept') ?? '*/*';
      if (!acceptsEvents.test(accept)) setResultAndStopExecution({ errors: [publicError('noEventStream')] });
    },
    onResultProcess({ result, resultProcessor }) {
      if (isStream(result) && !resultProcessor) void result[Symbol.asyncIterator]().return?.();
    },
    onResponse({ response: { headers } }) {
      if (!headers.get('content-type')?.startsWith('text/event-stream')) return;
      for (const [name, value] of Object.entries(eventStreamHeaders)) headers.set(name, value);
      // Yoga sets `none`, which is not a content coding (RFC 9110, section 8.4.1).
      headers.delete('content-encoding');
      // Whether the connection stays open is for Node to say: the client, or a process that stops, may want it closed.
      headers.delete('connection');
    },
  };
}
