/**
 * Scenarios in which the sandbox refuses the request, fails, or sends a wrong response.
 *
 * Error bodies have the format `{"detail": …}` of the vendor's SDKs. Codes and texts that D7 does not document are *assumed*.
 */
import { dripForEver, sendDetail, sendJson, sendLargeList, sendPage, sendText, sendUnauthorized } from './answers.ts';
import { logOf, logWith, vendorExample } from './logs.ts';
import type { Scenario } from './scenario.ts';

export const failureScenarios: readonly Scenario[] = [
  // Refusals
  {
    name: 'error-400',
    shows: '400, an invalid request',
    answer: (response) => sendDetail(response, 400, { code: 'BAD_REQUEST', message: 'Bad request.' }),
  },
  {
    name: 'error-401',
    shows: '401, as for every token except the sandbox’s own',
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
    shows: '418, a refusal that D7 does not document',
    answer: (response) => sendDetail(response, 418, 'I am a teapot'),
  },
  {
    name: 'error-422',
    shows: '422, with a list of validation errors',
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
  { name: 'silent', shows: 'the request is accepted and never answered', answer: () => {} },
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
    shows: 'a message whose id is neither a text nor a number',
    answer: (response, { requestId }) => sendJson(response, 200, logWith(requestId, { msg_id: true })),
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
    shows: '404 without D7’s code, as for a wrong path',
    answer: (response) => sendDetail(response, 404, 'Not Found'),
  },
];
