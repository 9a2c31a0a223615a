/**
 * Subscriptions over HTTP: server-sent events, for clients that accept them.
 */
import type { Plugin } from 'graphql-yoga';
import { publicError } from '../graphql/errors.ts';
import { isStream } from '../graphql/operation-log.ts';

const acceptsEvents = /text\/event-stream|text\/\*|\*\/\*/;

export function useEventStreams(): Plugin {
  return {
    // Before anything is subscribed to: Yoga would find out when there is a stream already, and leave it open.
    onSubscribe({ args: { contextValue }, setResultAndStopExecution }) {
      const accept = (contextValue.request as Partial<Request>).headers?.get('accept') ?? '*/*';
      if (!acceptsEvents.test(accept)) setResultAndStopExecution({ errors: [publicError('noEventStream')] });
    },
    onResultProcess({ result, resultProcessor }) {
      if (isStream(result) && !resultProcessor) void result[Symbol.asyncIterator]().return?.();
    },
    onResponse({ response: { headers } }) {
      if (!headers.get('content-type')?.startsWith('text/event-stream')) return;
      headers.set('cache-control', 'private, no-store');
      // nginx would hold events back until its buffer is full.
      headers.set('x-accel-buffering', 'no');
      // Yoga says `none`, which is the name of no coding (RFC 9110, section 8.4.1).
      headers.delete('content-encoding');
    },
  };
}
