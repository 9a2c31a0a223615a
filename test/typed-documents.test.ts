/** What a frontend has from the generated types. `tsc` checks them: an expected error that does not occur is an error itself. */
import type { ResultOf, TypedDocumentNode, VariablesOf } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import { expect, expectTypeOf, it } from 'vitest';
import type { ErrorCode } from '../schema/error-codes.ts';
import type { errorCodes } from '../src/graphql/error-codes.ts';
import { oneLog, severalLogs } from './documents/logs.ts';
import { type House, openHouse } from './house.ts';

type Result = ResultOf<typeof oneLog>['viberLog'];
type Member = NonNullable<Result>;
type Log = Extract<Member, { __typename: 'ViberLog' }>;

type Response<Data> = { data: Data | null; errors?: readonly { extensions: { code: ErrorCode } }[] };

async function ask<Data, Variables extends Record<string, unknown>>(
  house: House,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Response<Data>> {
  const { body } = await house.ask(print(document), { variables });
  return body;
}

/** The return type demands a case for each member: there is no other return. */
function headline(result: Member): string {
  switch (result.__typename) {
    case 'ViberLog':
      return `${result.requestId}: ${result.messages.length} messages`;
    case 'NotFound':
      return `${result.requestId}: ${result.code}`;
  }
}

// @ts-expect-error The switch has no case for NotFound, so that the function may end without a return.
export function headlineWithoutNotFound(result: Member): string {
  switch (result.__typename) {
    case 'ViberLog':
      return result.requestId;
  }
}

// @ts-expect-error The switch has no case for UNKNOWN.
export function labelWithoutUnknown(status: Log['messages'][number]['status']): string {
  switch (status) {
    case 'DELIVERED':
    case 'SENT':
    case 'UNDELIVERED':
      return status;
  }
}

export function unnarrowed(result: Result): unknown[] {
  return [
    // @ts-expect-error The result may be null: the log could not be read.
    result.__typename,
    // @ts-expect-error NotFound has no messages.
    result?.messages,
    // @ts-expect-error The query does not select it.
    result?.__typename === 'ViberLog' && result.channel,
  ];
}

it('gives a typed document its result', async () => {
  await using house = await openHouse();
  const { data } = await ask(house, severalLogs, { requestIds: ['recipients-2', 'missing', 'error-429'] });
  const seen = data?.viberLogs?.map((item) => item && `${item.__typename} ${item.requestId}`);
  expect(seen).toEqual(['ViberLog recipients-2', 'NotFound missing', null]);
});

it('narrows a result by its type name', async () => {
  await using house = await openHouse();
  const results = await Promise.all(
    ['recipients-2', 'missing'].map(async (requestId) => (await ask(house, oneLog, { requestId })).data?.viberLog),
  );
  expect(results.map((result) => result && headline(result))).toEqual([
    'recipients-2: 2 messages',
    'missing: VIBER_MESSAGE_LOG_NOT_EXISTS',
  ]);
});

it('has text for dates and ids, unions for enums, and null for what D7 may not send', async () => {
  type Message = Log['messages'][number];
  expectTypeOf<Log['fetchedAt']>().toEqualTypeOf<string>();
  expectTypeOf<Message['scheduleTime']>().toEqualTypeOf<string | null>();
  expectTypeOf<Message['viberCost']>().toEqualTypeOf<number | null>();
  expectTypeOf<Message['status']>().toEqualTypeOf<'DELIVERED' | 'SENT' | 'UNDELIVERED' | 'UNKNOWN'>();
  expectTypeOf<VariablesOf<typeof oneLog>>().toEqualTypeOf<{ requestId: string }>();

  await using house = await openHouse();
  const { data } = await ask(house, oneLog, { requestId: 'recipients-1' });
  expect(data?.viberLog).toMatchObject({ fetchedAt: expect.stringMatching(/^\d{4}-.+Z$/) });
});

it('has every error code, and no other', async () => {
  expectTypeOf<ErrorCode>().toEqualTypeOf<keyof typeof errorCodes>();
  await using house = await openHouse();
  const { errors = [] } = await ask(house, oneLog, { requestId: 'error-429' });
  expect(errors.filter(({ extensions }) => extensions.code === 'RATE_LIMITED')).toHaveLength(1);
  // @ts-expect-error No response has this code.
  expect(errors.filter(({ extensions }) => extensions.code === 'RATE_LIMIT')).toEqual([]);
});
