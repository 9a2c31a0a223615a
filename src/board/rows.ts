/** The rows of a log: which ones, and how a page of them is read. */
import type { Client } from '@urql/core';
import {
  LogRowsDocument,
  type LogRowsQuery,
  type LogRowsQueryVariables,
  type ViberMessageFilter,
  type ViberMessageStatus,
} from './generated/graphql.ts';
import { type Problem, problemOf } from './problems.ts';

type LogOfRows = Extract<NonNullable<LogRowsQuery['viberLog']>, { __typename: 'ViberLog' }>;
export type RowPage = LogOfRows['messagesConnection'];
export type Row = RowPage['nodes'][number];

export type RowFilter = {
  status: readonly ViberMessageStatus[];
  country: readonly string[];
  recipient: string;
  msgId: string;
};

/** A place in the list: after one row, before one, or at the start. */
export type RowPlace = { after?: string; before?: string };

export const noFilter: RowFilter = { status: [], country: [], recipient: '', msgId: '' };
export const rowsPerPage = 50;
/** The largest page of the schema. */
export const rowsPerDownload = 500;

export type RowResult = { page: RowPage } | { problem: Problem };

const vanished: Problem = {
  code: 'NOT_FOUND',
  title: 'No log',
  advice: 'D7 has no log with this id for this token any more.',
};

export async function readRows(
  client: Client,
  requestId: string,
  filter: RowFilter,
  place: RowPlace,
  size: number,
): Promise<RowResult> {
  const sizes = place.before === undefined ? { first: size } : { last: size };
  const variables: LogRowsQueryVariables = { requestId, filter: schemaFilter(filter), ...place, ...sizes };
  const { data, error } = await client.query(LogRowsDocument, variables).toPromise();
  if (error) return { problem: problemOf(error) };
  if (data?.viberLog?.__typename !== 'ViberLog') return { problem: vanished };
  return { page: data.viberLog.messagesConnection };
}

/** Empty lists would match no message. */
function schemaFilter({ status, country, recipient, msgId }: RowFilter): ViberMessageFilter {
  return {
    ...(status.length > 0 && { status: [...status] }),
    ...(country.length > 0 && { country: [...country] }),
    ...(recipient && { recipientContains: recipient }),
    ...(msgId && { msgId: [msgId] }),
  };
}
