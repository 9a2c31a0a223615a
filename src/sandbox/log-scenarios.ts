/**
 * Scenarios in which the sandbox sends a log, including the special cases of D7's contract.
 */
import { noSuchLogDetail, sendJson, sendLogOf, sendNoSuchLog, sendText } from './answers.ts';
import { logOf, logOfOneValue, logWith, logWithStatuses, movingLog, vendorExample } from './logs.ts';
import type { Scenario } from './scenario.ts';

export const logScenarios: readonly Scenario[] = [
  // Logs
  {
    name: vendorExample.request_id,
    shows: 'the example of D7’s documentation, verbatim',
    answer: (response) => sendJson(response, 200, vendorExample),
  },
  {
    name: 'recipients',
    shows: 'recipients-2, recipients-100, recipients-10000: a log of that many messages, at most 100000',
    answer: (response, { requestId, suffix }) => {
      const count = /^\d{1,6}(?=-|$)/.exec(suffix)?.[0];
      if (count === undefined || Number(count) > 100_000) return sendNoSuchLog(response);
      sendLogOf(response, requestId, Number(count));
    },
  },
  {
    name: 'moving',
    shows:
      'ten messages change from sent to delivered or undelivered, one each second from the first request for the id',
    answer: (response, { requestId, secondsSinceFirstRequest }) =>
      sendJson(response, 200, movingLog(requestId, 10, secondsSinceFirstRequest)),
  },
  {
    name: 'account',
    shows: 'the channel contains the number of the sandbox’s token that was used',
    answer: (response, { requestId, account }) =>
      sendJson(response, 200, { ...logOf(requestId, 1), channel: `viber-account-${account}` }),
  },
  // Special cases of the contract
  {
    name: 'unknown-status',
    shows: 'a status that D7 does not document',
    answer: (response, { requestId }) => sendJson(response, 200, logWithStatuses(requestId, ['delivered', 'seen'])),
  },
  {
    name: 'status-spellings',
    shows: 'the three statuses in upper and mixed case, with _ and -',
    answer: (response, { requestId }) =>
      sendJson(response, 200, logWithStatuses(requestId, ['DELIVERED', 'Sent', 'un_delivered', 'UN-DELIVERED'])),
  },
  {
    name: 'parts-as-sms',
    shows: 'the number of parts is in number_of_sms, as in D7’s parameter table',
    answer: (response, { requestId }) =>
      sendJson(response, 200, logWith(requestId, { number_of_viber_message: undefined, number_of_sms: 3 })),
  },
  {
    name: 'scheduled',
    shows: 'a schedule time as in the SDKs’ examples, its offset without a colon',
    answer: (response, { requestId }) =>
      sendJson(response, 200, logWith(requestId, { schedule_time: '2024-02-05T13:48:42+0400' })),
  },
  {
    name: 'scheduled-unreadably',
    shows: 'a schedule time that is not a time',
    answer: (response, { requestId }) => sendJson(response, 200, logWith(requestId, { schedule_time: 'tomorrow' })),
  },
  // Schema drift: the log is valid, and some of its values are not
  {
    name: 'scheduled-without-minutes',
    shows: 'a schedule time whose offset has hours only',
    answer: (response, { requestId }) =>
      sendJson(response, 200, logWith(requestId, { schedule_time: '2024-02-05T13:48:42+04' })),
  },
  {
    name: 'null-values',
    shows: 'null in each field except the ids',
    answer: (response, { requestId }) => sendJson(response, 200, logOfOneValue(requestId, null)),
  },
  {
    name: 'missing-values',
    shows: 'a log and a message that have their ids and no other field',
    answer: (response, { requestId }) => sendJson(response, 200, logOfOneValue(requestId, undefined)),
  },
  {
    name: 'invalid-values',
    shows: 'an object in each field except the ids',
    answer: (response, { requestId }) => sendJson(response, 200, logOfOneValue(requestId, { value: null })),
  },
  {
    name: 'numbers-as-text',
    shows: 'numbers that are texts: the total, the parts and the cost',
    answer: (response, { requestId }) =>
      sendJson(response, 200, {
        ...(logWith(requestId, { number_of_viber_message: '2', viber_cost: '0.0008' }) as object),
        total_recipients: '1',
      }),
  },
  {
    name: 'ids-as-numbers',
    shows: 'a message id and a recipient that are numbers',
    answer: (response, { requestId }) =>
      sendJson(response, 200, logWith(requestId, { msg_id: 4711, recipient: 971500000000 })),
  },
  {
    name: 'id-in-upper-case',
    shows: 'the request id in upper case',
    answer: (response, { requestId }) => sendJson(response, 200, logOf(requestId.toUpperCase(), 1)),
  },
  {
    name: 'byte-order-mark',
    shows: 'a byte order mark before the log',
    answer: (response, { requestId }) =>
      sendText(response, 200, 'application/json', `\uFEFF${JSON.stringify(logOf(requestId, 1))}`),
  },
  {
    name: 'missing-byte-order-mark',
    shows: '404 with D7’s code, and a byte order mark before it',
    answer: (response) =>
      sendText(response, 404, 'application/json', `\uFEFF${JSON.stringify({ detail: noSuchLogDetail })}`),
  },
  {
    name: 'no-country',
    shows: 'a message without a country',
    answer: (response, { requestId }) => sendJson(response, 200, logWith(requestId, { country: undefined })),
  },
  {
    name: 'missing',
    shows: '404 with D7’s code: no such log, as for every id that is not listed here',
    answer: (response) => sendNoSuchLog(response),
  },
];
