/**
 * Scenarios in which the sandbox sends a log, including the special cases of D7's contract.
 */
import { sendJson, sendLogOf, sendNoSuchLog } from './answers.ts';
import { logOf, logWith, logWithStatuses, movingLog, vendorExample } from './logs.ts';
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
