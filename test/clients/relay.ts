import type { ExecutionResult } from 'graphql';
import { createClient, type Sink } from 'graphql-sse';
import { Environment, Network, Observable, RecordSource, Store } from 'relay-runtime';

/** The key fields of each entity; anything else belongs to its parent. */
const keys: Record<string, readonly string[]> = {
  ViberLog: ['requestId'],
  ViberMessage: ['requestId', 'msgId'],
  NotFound: ['requestId'],
};

export function relayEnvironment(url: string, token: string) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const events = createClient({ url, headers });
  return new Environment({
    store: new Store(new RecordSource()),
    getDataID: (record, type) => {
      const values = keys[type]?.map((field) => record[field]);
      return values?.every((value) => value != null) ? [type, ...values].join(':') : undefined;
    },
    network: Network.create(
      // A compiler without persistConfig gives a document its text, and no id.
      async ({ id, text }, variables) => {
        const body = JSON.stringify(id ? { doc_id: id, variables } : { query: text, variables });
        return (await fetch(url, { method: 'POST', headers, body })).json();
      },
      ({ id, text }, variables) =>
        Observable.create((sink) => {
          const request = id ? { query: '', doc_id: id, variables } : { query: text ?? '', variables };
          return events.subscribe(request, sink as Sink<ExecutionResult>);
        }),
    ),
  });
}
