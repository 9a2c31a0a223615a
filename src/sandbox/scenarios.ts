/**
 * What the sandbox can do, one scenario a row, chosen by request id.
 *
 * An id is a scenario's name, or its name, a `-` and anything: `error-503` and `error-503-b` are two ids of one scenario.
 * Error bodies have the shape `{"detail": …}` of the vendor's SDKs; where a code or a text is not documented it is *assumed*.
 */
import type { ServerResponse } from 'node:http';
import {
  dripForEver,
  sendDetail,
  sendJson,
  sendLargeList,
  sendLogOf,
  sendNoSuchLog,
  sendPage,
  sendText,
  sendUnauthorized,
} from './answers.ts';
import { logOf, logWith, logWithStatuses, movingLog, vendorExample } from './logs.ts';

type Asked = {
  requestId: string;
  /** What follows the scenario's name in the id, without the `-`. */
  suffix: string;
  /** Which of the sandbox's tokens asks, counted from 0. */
  account: number;
  /** How long ago this id was first asked for. */
  secondsSinceFirstAsked: number;
};

export type Scenario = {
  name: string;
  /** One line for the listing. */
  shows: string;
  /** Writes D7's answer; the ways of failing need the response itself, and its socket. */
  answer: (response: ServerResponse, asked: Asked) => void;
};

export const scenarios: readonly Scenario[] = [
  // Logs
  {
    name: vendorExample.request_id,
    shows: 'the example of D7’s documentation, to the letter',
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
      'ten messages go from sent to delivered or undelivered, one a second from the first time the id is asked for',
    answer: (response, { requestId, secondsSinceFirstAsked }) =>
      sendJson(response, 200, movingLog(requestId, 10, secondsSinceFirstAsked)),
  },
  {
    name: 'account',
    shows: 'the channel tells which of the sandbox’s tokens asked',
    answer: (response, { requestId, account }) =>
      sendJson(response, 200, { ...logOf(requestId, 1), channel: `viber-account-${account}` }),
  },
  // Logs with the traps of the contract
  {
    name: 'unknown-status',
    shows: 'a status that D7 does not document',
    answer: (response, { requestId }) => sendJson(response, 200, logWithStatuses(requestId, ['delivered', 'seen'])),
  },
  {
    name: 'status-spellings',
    shows: 'the three statuses in other cases, with _ and -',
    answer: (response, { requestId }) =>
      sendJson(response, 200, logWithStatuses(requestId, ['DELIVERED', 'Sent', 'un_delivered', 'UN-DELIVERED'])),
  },
  {
    name: 'parts-as-sms',
    shows: 'the parts are spelt number_of_sms, as in D7’s parameter table',
    answer: (response, { requestId }) =>
      sendJson(response, 200, logWith(requestId, { number_of_viber_message: undefined, number_of_sms: 3 })),
  },
  {
    name: 'scheduled',
    shows: 'a schedule time as the SDKs’ examples write it, its offset without a colon',
    answer: (response, { requestId }) =>
      sendJson(response, 200, logWith(requestId, { schedule_time: '2024-02-05T13:48:42+0400' })),
  },
  {
    name: 'scheduled-unreadably',
    shows: 'a schedule time that is no time',
    answer: (response, { requestId }) => sendJson(response, 200, logWith(requestId, { schedule_time: 'tomorrow' })),
  },
  {
    name: 'no-country',
    shows: 'a message without a country',
    answer: (response, { requestId }) => sendJson(response, 200, logWith(requestId, { country: undefined })),
  },
  {
    name: 'missing',
    shows: '404 with D7’s code: no such log, like every id that is not listed here',
    answer: (response) => sendNoSuchLog(response),
  },
  // Refusals
  {
    name: 'error-400',
    shows: '400, the request is bad',
    answer: (response) => sendDetail(response, 400, { code: 'BAD_REQUEST', message: 'Bad request.' }),
  },
  {
    name: 'error-401',
    shows: '401, as for any token but the sandbox’s own',
    answer: (response) => sendUnauthorized(response),
  },
  {
    name: 'error-402',
    shows: '402, the account has too little credit',
    answer: (response) => sendDetail(response, 402, { code: 'INSUFFICIENT_CREDIT', message: 'Insufficient credit.' }),
  },
  {
    name: 'error-403',
    shows: '403, the token may not read this log',
    answer: (response) => sendDetail(response, 403, 'Forbidden'),
  },
  {
    name: 'error-418',
    shows: '418, a refusal that nobody documents',
    answer: (response) => sendDetail(response, 418, 'I am a teapot'),
  },
  {
    name: 'error-422',
    shows: '422, with a list of what is not valid',
    answer: (response) =>
      sendDetail(response, 422, [
        { loc: ['path', 'request_id'], msg: 'value is not a valid uuid', type: 'type_error.uuid' },
      ]),
  },
  {
    name: 'error-429',
    shows: '429 with Retry-After: 30',
    answer: (response) => sendDetail(response, 429, 'Too Many Requests', { 'retry-after': '30' }),
  },
  {
    name: 'error-429-date',
    shows: '429 with a Retry-After that is a date, one minute ahead',
    answer: (response) =>
      sendDetail(response, 429, 'Too Many Requests', { 'retry-after': new Date(Date.now() + 60_000).toUTCString() }),
  },
  {
    name: 'error-429-bare',
    shows: '429 without Retry-After',
    answer: (response) => sendDetail(response, 429, 'Too Many Requests'),
  },
  // Failures
  { name: 'error-500', shows: '500', answer: (response) => sendDetail(response, 500, 'Internal Server Error') },
  {
    name: 'error-502',
    shows: '502, with a proxy’s HTML page',
    answer: (response) => sendPage(response, 502, 'Bad Gateway'),
  },
  {
    name: 'error-503',
    shows: '503, with a proxy’s HTML page',
    answer: (response) => sendPage(response, 503, 'Service Unavailable'),
  },
  {
    name: 'error-504',
    shows: '504, with a proxy’s HTML page',
    answer: (response) => sendPage(response, 504, 'Gateway Timeout'),
  },
  { name: 'silent', shows: 'the request is taken and never answered', answer: () => {} },
  {
    name: 'slow-body',
    shows: 'the headers, then a body that drips for ever',
    answer: (response) => dripForEver(response),
  },
  {
    name: 'reset',
    shows: 'the connection is reset instead of an answer',
    answer: (response) => response.socket?.resetAndDestroy(),
  },
  {
    name: 'cut-off',
    shows: 'the connection ends in the middle of the body',
    answer: (response, { requestId }) => {
      const body = JSON.stringify(logOf(requestId, 2));
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
      response.write(body.slice(0, body.length / 2), () => response.socket?.destroy());
    },
  },
  {
    name: 'not-json',
    shows: '200 with a text that is not JSON',
    answer: (response) => sendText(response, 200, 'application/json', '{"request_id": "not-json", "messages": ['),
  },
  { name: 'html', shows: '200 with an HTML page', answer: (response) => sendPage(response, 200, 'Welcome') },
  {
    name: 'wrong-shape',
    shows: 'a log without its messages',
    answer: (response, { requestId }) => sendJson(response, 200, { ...logOf(requestId, 0), messages: undefined }),
  },
  {
    name: 'wrong-type',
    shows: 'a message whose cost is a text',
    answer: (response, { requestId }) => sendJson(response, 200, logWith(requestId, { viber_cost: 'a lot' })),
  },
  {
    name: 'other-id',
    shows: 'the log of another request id',
    answer: (response) => sendJson(response, 200, logOf('somebody-elses-log', 1)),
  },
  { name: 'too-large', shows: 'a body of 64 MB', answer: (response) => sendLargeList(response, 64) },
  {
    name: 'redirect',
    shows: '302 to a log that exists',
    answer: (response) => response.writeHead(302, { location: `./${vendorExample.request_id}` }).end(),
  },
  {
    name: 'proxy-404',
    shows: '404 with a proxy’s HTML page: D7 was not reached',
    answer: (response) => sendPage(response, 404, 'Not Found'),
  },
  {
    name: 'unreached-404',
    shows: '404 without D7’s code, as of a wrong path',
    answer: (response) => sendDetail(response, 404, 'Not Found'),
  },
];

/** The scenario with the longest name that the id begins with, or undefined: then there is no such log. */
export function scenarioFor(requestId: string): { scenario: Scenario; suffix: string } | undefined {
  const scenario = scenarios
    .filter(({ name }) => requestId === name || requestId.startsWith(`${name}-`))
    .toSorted((a, b) => b.name.length - a.name.length)[0];
  return scenario && { scenario, suffix: requestId.slice(scenario.name.length + 1) };
}
