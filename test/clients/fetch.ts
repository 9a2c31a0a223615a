import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { type DocumentNode, print } from 'graphql';
import type { ErrorCode } from '../../schema/error-codes.ts';
import { documentId } from './documents/logs.ts';

type Result<Data> = {
  data?: Data | null;
  errors?: { message: string; path?: (string | number)[]; extensions: { code: ErrorCode } }[];
};

export function gateway(url: string, token: string, { trusted = false } = {}) {
  function send(document: DocumentNode, variables: unknown, accept: string): Promise<Response> {
    const named = trusted ? { documentId: documentId(document) } : { query: print(document) };
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept };
    return fetch(url, { method: 'POST', headers, body: JSON.stringify({ ...named, variables }) });
  }

  /** The status is 200 if the operation ran; an error of one log is in `errors`, and refusals have the same form. */
  async function ask<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables) {
    const response = await send(document, variables, 'application/json');
    return (await response.json()) as Result<Data>;
  }

  /** `EventSource` cannot send a token, so this reads the events itself: blank lines end them. */
  async function* follow<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables) {
    const { body } = await send(document, variables, 'text/event-stream');
    let text = '';
    for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const events = (text + chunk).split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) {
        const data = /^event: next\ndata: (.+)$/m.exec(event)?.[1];
        if (data) yield JSON.parse(data) as Result<Data>;
      }
    }
  }
  return { ask, follow };
}
