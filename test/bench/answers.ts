/** What the contenders must answer: what the upstream says of the same ids, in the gateway's words. */
import type { Question, QuestionKind } from './questions.ts';

type D7Message = { status: string; [name: string]: unknown };
type D7Answer = {
  request_id?: string;
  total_recipients?: number;
  channel?: string;
  messages?: D7Message[];
  detail?: { code: string; message: string };
};

/** One item for each id, as this gateway would answer it. */
export function itemsIn(contender: string, { requestIds, kind }: Question, answer: string): unknown[] {
  const { data } = JSON.parse(answer);
  if (kind === 'entities') return data._entities.map(({ log }: { log: unknown }) => log);
  if (contender !== 'hive-gateway') return kind === 'page' ? data.viberLogs : [data.viberLog];
  return requestIds.map((requestId, index) => itemOf(requestId, data[`log${index}`]));
}

/** What the upstream's answer for an id has to become. */
export function itemOf(requestId: string, answer: D7Answer, kind: QuestionKind = 'one'): unknown {
  const { detail, messages = [], ...log } = answer;
  if (kind === 'summary') return { __typename: 'ViberLog', requestId: log.request_id, summary: summaryOf(messages) };
  if (detail) return { __typename: 'NotFound', requestId, code: detail.code, message: detail.message };
  return {
    __typename: 'ViberLog',
    requestId: log.request_id,
    totalRecipients: log.total_recipients,
    channel: log.channel,
    messages: messages.map((message) => ({
      msgId: message.msg_id,
      country: message.country,
      recipient: message.recipient,
      status: message.status.toUpperCase(),
      rawStatus: message.status,
      numberOfViberMessage: message.number_of_viber_message,
      viberCost: message.viber_cost,
      scheduleTime: message.schedule_time,
    })),
  };
}

function summaryOf(messages: readonly D7Message[]): unknown {
  const count = (status: string) => messages.filter((message) => message.status === status).length;
  const costs = messages.flatMap(({ viber_cost }) =>
    viber_cost === null ? [] : [Math.round(Number(viber_cost) * 1e6)],
  );
  return {
    messages: messages.length,
    delivered: count('delivered'),
    sent: count('sent'),
    undelivered: count('undelivered'),
    parts: messages.reduce((sum, message) => sum + Number(message.number_of_viber_message), 0),
    totalCost: costs.reduce((sum, cost) => sum + cost, 0) / 1e6,
    messagesWithoutCost: messages.length - costs.length,
  };
}
