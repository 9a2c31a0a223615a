/**
 * The delivery logs that the sandbox serves, in D7's format: snake_case JSON, with the vendor's quirks.
 */

export type D7Message = {
  msg_id: string;
  country: string | null;
  recipient: string;
  status: string;
  number_of_viber_message: number;
  viber_cost: number;
  schedule_time: string | null;
};

export type D7Log = {
  request_id: string;
  total_recipients: number;
  channel: string;
  messages: D7Message[];
};

/** The example of D7's documentation page for "Get Status", verbatim: even its channel is `sms`. */
export const vendorExample: D7Log = {
  request_id: '9d056a09-0fc4-4f68-9058-3846d58aa244',
  total_recipients: 2,
  channel: 'sms',
  messages: [
    {
      msg_id: '7053a678-75fe-11ed-9e31-0242ac14001c',
      country: 'AE',
      recipient: '+9715097526xx',
      status: 'sent',
      number_of_viber_message: 1,
      viber_cost: 0.0004,
      schedule_time: null,
    },
    {
      msg_id: '7052cd16-75fe-11ed-9e31-0242ac14001c',
      country: 'AE',
      recipient: '+9715097526xx',
      status: 'sent',
      number_of_viber_message: 1,
      viber_cost: 0.0004,
      schedule_time: null,
    },
  ],
};

/** A log of `count` final messages. Every seventh is undelivered, and every eleventh has two parts. */
export function logOf(requestId: string, count: number): D7Log {
  return {
    request_id: requestId,
    total_recipients: count,
    channel: 'viber',
    messages: Array.from({ length: count }, (_, index) => messageAt(index)),
  };
}

/** A log `ageSeconds` after it was sent. One more message is final after each second, and every fifth of these is undelivered. */
export function movingLog(requestId: string, count: number, ageSeconds: number): D7Log {
  const log = logOf(requestId, count);
  log.messages.forEach((message, index) => {
    const isFinal = ageSeconds >= index + 1;
    message.status = !isFinal ? 'sent' : index % 5 === 4 ? 'undelivered' : 'delivered';
  });
  return log;
}

/** A log of one message with the given fields changed; undefined removes a field. */
export function logWith(requestId: string, change: Record<string, unknown>): unknown {
  const log = logOf(requestId, 1);
  return { ...log, messages: [{ ...log.messages[0], ...change }] };
}

/** A log of one message with the given value in each field except the ids; undefined removes the fields. */
export function logOfOneValue(requestId: string, value: unknown): unknown {
  const { messages, ...log } = logOf(requestId, 1);
  const filled = (from: object) => Object.fromEntries(Object.keys(from).map((name) => [name, value]));
  const message = { ...filled(messages[0] as D7Message), msg_id: messages[0]?.msg_id };
  return { ...filled(log), request_id: requestId, messages: [message] };
}

/** A log with one message for each of the given statuses. */
export function logWithStatuses(requestId: string, statuses: readonly string[]): D7Log {
  const log = logOf(requestId, statuses.length);
  log.messages.forEach((message, index) => {
    message.status = statuses[index] as string;
  });
  return log;
}

const countries = ['AE', 'IN', 'DE', 'GB'] as const;

function messageAt(index: number): D7Message {
  const number = String(index).padStart(7, '0');
  const parts = index % 11 === 10 ? 2 : 1;
  return {
    msg_id: `7053a678-75fe-11ed-9e31-${index.toString(16).padStart(12, '0')}`,
    country: countries[index % countries.length] as string,
    recipient: index % 2 === 0 ? `+97150${number}` : `+97150${number.slice(0, 5)}xx`,
    status: index % 7 === 6 ? 'undelivered' : 'delivered',
    number_of_viber_message: parts,
    viber_cost: parts * 4e-4,
    schedule_time: null,
  };
}
