/**
 * The fields of a delivery log, each defined once. The scanner, the decoder, the columns of a row and our types derive from
 * these two tables, so that a new field of a message is one entry. D7's names (snake_case) do not leave d7/log.
 *
 * Source: the vendor's documentation page of the endpoint, where no comment says otherwise.
 */

/** What our type has for each kind of value. */
type Values = {
  text: string;
  /** A whole number. GraphQL's Int cannot hold more than 31 bits, and one larger value would fail the whole response. */
  count: number;
  decimal: number;
  /** A text that names a status. status.ts reads it, and the text itself stays available. */
  status: string;
  /** A text that names a point in time. timestamp.ts reads it; an unreadable time is null. */
  time: Date | null;
};

export type FieldKind = keyof Values;

export type Field = {
  /** The name in D7's JSON. */
  name: string;
  /** Names that D7 also uses. The decoder prefers `name` where both have a value. */
  otherNames?: readonly string[];
  kind: FieldKind;
  /** A field that is not required may be null or missing, and is null in our type. */
  isRequired: boolean;
};

/** The list of a log that has its messages. The other fields of a log are scalars. */
export const messagesName = 'messages';

/** The decoder checks the fields in the order of the table. */
const ofLog = {
  requestId: { name: 'request_id', kind: 'text', isRequired: true },
  totalRecipients: { name: 'total_recipients', kind: 'count', isRequired: true },
  channel: { name: 'channel', kind: 'text', isRequired: true },
} as const satisfies Record<string, Field>;

const ofMessage = {
  msgId: { name: 'msg_id', kind: 'text', isRequired: true },
  // Optional is *assumed*: the page says nothing of it.
  country: { name: 'country', kind: 'text', isRequired: false },
  recipient: { name: 'recipient', kind: 'text', isRequired: true },
  rawStatus: { name: 'status', kind: 'status', isRequired: true },
  // The page's example and its parameter table have two names for one thing.
  numberOfViberMessage: {
    name: 'number_of_viber_message',
    otherNames: ['number_of_sms'],
    kind: 'count',
    isRequired: true,
  },
  viberCost: { name: 'viber_cost', kind: 'decimal', isRequired: true },
  scheduleTime: { name: 'schedule_time', kind: 'time', isRequired: false },
} as const satisfies Record<string, Field>;

export type LogKey = keyof typeof ofLog;
export type MessageKey = keyof typeof ofMessage;

export const logFields: Record<LogKey, Field> = ofLog;
export const messageFields: Record<MessageKey, Field> = ofMessage;

/** What a table's fields are in our types. */
type Decoded<Fields extends Record<string, Field>> = {
  [Key in keyof Fields]: Values[Fields[Key]['kind']] | (Fields[Key]['isRequired'] extends true ? never : null);
};

export type DecodedLog = Decoded<typeof ofLog>;
export type DecodedMessage = Decoded<typeof ofMessage>;
