/**
 * What a summary, a filter and a page of a log have to be, by the schema's descriptions: from whole messages as objects, with lists and a
 * decimal library. It shares no code with the gateway.
 */
import Big from 'big.js';

export type OracleMessage = {
  msgId: string;
  country: string | null;
  recipient: string | null;
  status: string;
  numberOfViberMessage: number | null;
  viberCost: number | null;
};
export type OracleLog = { totalRecipients: number | null; messages: readonly OracleMessage[] };
export type OracleFilter = {
  status?: readonly string[] | null;
  country?: readonly string[] | null;
  msgId?: readonly string[] | null;
  recipientContains?: string | null;
} | null;
export type OraclePage = {
  first?: number | null;
  after?: string | null;
  last?: number | null;
  before?: string | null;
  filter?: OracleFilter;
};

export function filtered<Message extends OracleMessage>(
  messages: readonly Message[],
  filter?: OracleFilter,
): Message[] {
  const { status, country, msgId, recipientContains } = filter ?? {};
  return messages.filter(
    (message) =>
      (status == null || status.includes(message.status)) &&
      (country == null || (message.country !== null && country.includes(message.country))) &&
      (msgId == null || msgId.includes(message.msgId)) &&
      (recipientContains == null || message.recipient?.includes(recipientContains) === true),
  );
}

export function summarized({ totalRecipients, messages }: OracleLog, filter?: OracleFilter) {
  const matching = filtered(messages, filter);
  const isFiltered = Object.values(filter ?? {}).some((condition) => condition != null);
  const mayMatch = filtered(messages, filter && { ...filter, status: null });
  const isComplete = messages.length > 0 && totalRecipients !== null && messages.length >= totalRecipients;
  const final = isComplete && mayMatch.every(isDecided);
  const recipients = isFiltered ? matching.length : Math.max(totalRecipients ?? 0, matching.length);
  const countries = [...new Set(matching.map(({ country }) => country))];
  const codes = countries.filter((country) => country !== null).sort();
  return {
    ...figuresOf(matching),
    final,
    progress: recipients === 0 ? Number(final) : matching.filter(isDecided).length / recipients,
    byCountry: [...codes, ...(countries.includes(null) ? [null] : [])].map((country) => ({
      country,
      ...figuresOf(matching.filter((message) => message.country === country)),
    })),
  };
}

function figuresOf(messages: readonly OracleMessage[]) {
  const count = (status: string) => messages.filter((message) => message.status === status).length;
  const [delivered, undelivered] = [count('DELIVERED'), count('UNDELIVERED')];
  const costs = messages.flatMap(({ viberCost }) => viberCost ?? []);
  const parts = messages.reduce((sum, { numberOfViberMessage }) => sum + (numberOfViberMessage ?? 0), 0);
  return {
    messages: messages.length,
    delivered,
    sent: count('SENT'),
    undelivered,
    unknown: count('UNKNOWN'),
    deliveryRate: delivered + undelivered === 0 ? null : delivered / (delivered + undelivered),
    parts: Math.min(parts, 2147483647),
    totalCost: costs.reduce((sum, cost) => sum.plus(cost), new Big(0)).toNumber(),
    messagesWithoutCost: messages.length - costs.length,
  };
}

function isDecided({ status }: OracleMessage): boolean {
  return status === 'DELIVERED' || status === 'UNDELIVERED';
}

/** The Relay specification's algorithm, to the letter: EdgesToReturn of ApplyCursorsToEdges. */
export function paged<Message extends OracleMessage>(messages: readonly Message[], page: OraclePage) {
  const { after, before } = page;
  let { first, last } = page;
  if (first == null && last == null) [first, last] = before == null ? [50, null] : [null, 50];
  for (const size of [first, last]) if (size != null && (size < 0 || size > 500)) throw new Error('The size is wrong.');
  const all = messages.map((node, index) => ({ cursor: cursorAt(messages, index), node, index }));
  const indexOf = (cursor: string) => {
    const index = all.findIndex((edge) => edge.cursor === cursor);
    if (index === -1) throw new Error('No message has this cursor.');
    return index;
  };
  const [afterIndex, beforeIndex] = [
    after == null ? -1 : indexOf(after),
    before == null ? all.length : indexOf(before),
  ];
  const matching = new Set<unknown>(filtered(messages, page.filter));
  const edges = all.filter(({ node }) => matching.has(node));
  let returned = edges.filter(({ index }) => index > afterIndex && index < beforeIndex);
  let skipped = edges.filter(({ index }) => index <= afterIndex).length;
  if (first != null) returned = returned.slice(0, first);
  if (last != null) {
    skipped += Math.max(0, returned.length - last);
    returned = returned.slice(Math.max(0, returned.length - last));
  }
  return {
    totalCount: edges.length,
    nodes: returned.map(({ node }) => node),
    edges: returned.map(({ cursor, node }) => ({ cursor, node })),
    pageInfo: {
      hasNextPage: skipped + returned.length < edges.length,
      hasPreviousPage: skipped > 0,
      startCursor: returned[0]?.cursor ?? null,
      endCursor: returned.at(-1)?.cursor ?? null,
    },
  };
}

function cursorAt(messages: readonly OracleMessage[], index: number): string {
  const msgId = messages[index]?.msgId;
  const occurrence = messages.slice(0, index).filter((message) => message.msgId === msgId).length;
  return Buffer.from(`${occurrence}:${msgId}`).toString('base64url');
}
