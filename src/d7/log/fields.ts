/**
 * The fields of a delivery log, each defined once. The scanner, the decoder, the columns of a row and our types derive from
 * these two tables, so that a new field of a message is one entry. D7's names (snake_case) do not leave d7/log.
 *
 * A field fails alone: where D7 sends something else than its kind, it is null, and the operator is notified. Only a field without which
 * nobody knows what the rest belongs to fails the log.
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
  /** A text that names a point in time. timestamp.ts reads it. */
  time: Date;
};

export type FieldKind = keyof Values;

export type Field = {
  /** The name in D7's JSON. */
  name: string;
  /** Names that D7 also uses. The decoder prefers `name` where both have a value. */
  otherNames?: readonly string[];
  kind: FieldKind;
  /**
   * What it means that the value is null or missing. `fault`: the field is an identity, and without a valid one the log is invalid.
   * `drift`: the field is null, and the operator is notified. `normal`: the field is null.
   */
  absence: 'fault' | 'drift' | 'normal';
  /** A text that D7 may also send as an integer, whose digits it then is. */
  acceptsInteger?: true;
};

/** The list of a log that has its messages. The other fields of a log are scalars. */
export const messagesName = 'messages';

/** The decoder checks the fields in the order of the table. */
const ofLog = {
  requestId: { name: 'request_id', kind: 'text', absence: 'fault' },
  totalRecipients: { name: 'total_recipients', kind: 'count', absence: 'drift' },
  channel: { name: 'channel', kind: 'text', absence: 'drift' },
} as const satisfies Record<string, Field>;

const ofMessage = {
  msgId: { name: 'msg_id', kind: 'text', absence: 'fault', acceptsInteger: true },
  // *Assumed*: the page does not say that it may be missing.
  country: { name: 'country', kind: 'text', absence: 'normal' },
  recipient: { name: 'recipient', kind: 'text', absence: 'drift', acceptsInteger: true },
  rawStatus: { name: 'status', kind: 'status', absence: 'drift' },
  // The page's example and its parameter table have two names for one thing.
  numberOfViberMessage: {
    name: 'number_of_viber_message',
    otherNames: ['number_of_sms'],
    kind: 'count',
    absence: 'drift',
  },
  viberCost: { name: 'viber_cost', kind: 'decimal', absence: 'drift' },
  scheduleTime: { name: 'schedule_time', kind: 'time', absence: 'normal' },
} as const satisfies Record<string, Field>;

export type LogKey = keyof typeof ofLog;
export type MessageKey = keyof typeof ofMessage;

export const logFields: Record<LogKey, Field> = ofLog;
export const messageFields: Record<MessageKey, Field> = ofMessage;

/** What a table's fields are in our types. */
type Decoded<Fields extends Record<string, Field>> = {
  [Key in keyof Fields]: Values[Fields[Key]['kind']] | (Fields[Key]['absence'] extends 'fault' ? never : null);
};

export type DecodedLog = Decoded<typeof ofLog>;
export type DecodedMessage = Decoded<typeof ofMessage>;
