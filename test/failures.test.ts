/** What each status and each broken connection is called, and what it says about D7. */
import { errors } from 'undici';
import { describe, expect, it } from 'vitest';
import {
  type FailureKind,
  failureKindOf,
  isRetriable,
  outcomeOf,
  transportFailureOf,
  ViberLogFailure,
} from '../src/d7/failures.ts';

describe('failureKindOf', () => {
  it.each([
    [400, 'requestRefused'],
    [401, 'tokenRefused'],
    [402, 'insufficientCredit'],
    [403, 'forbidden'],
    [404, 'badResponse'],
    [405, 'badResponse'],
    [418, 'badResponse'],
    [422, 'requestRefused'],
    [429, 'rateLimited'],
    [499, 'badResponse'],
    [500, 'unavailable'],
    [502, 'unavailable'],
    [503, 'unavailable'],
    [504, 'unavailable'],
    [599, 'unavailable'],
    [201, 'badResponse'],
    [204, 'badResponse'],
    [206, 'badResponse'],
    [301, 'badResponse'],
    [302, 'badResponse'],
    [304, 'badResponse'],
  ])('takes %i for %s', (status, kind) => {
    expect(failureKindOf(status)).toBe(kind);
  });
});

describe('isRetriable', () => {
  it.each([
    [502, true],
    [503, true],
    [504, true],
    [500, false],
    [501, false],
    [505, false],
    [429, false],
    [401, false],
  ])('takes %i for a status that a retry may remedy: %s', (status, retriable) => {
    expect(isRetriable(status)).toBe(retriable);
  });
});

describe('a failure', () => {
  it('is final, was sent, was read and keeps its connection, unless it says otherwise', () => {
    const failure = new ViberLogFailure('timeout', 'the reason');
    expect(failure).toMatchObject({ name: 'ViberLogFailure', message: 'the reason', kind: 'timeout' });
    expect(failure).toMatchObject({ retriable: false, wasSent: true, wasUnread: false, endsConnection: false });
    expect(failure.retryAfterSeconds).toBeUndefined();
  });

  it('has what it says', () => {
    const details = { retryAfterSeconds: 7, retriable: true, wasUnread: true, endsConnection: true };
    const failure = new ViberLogFailure('rateLimited', 'status 429', { ...details, notSent: 'circuitOpen' });
    expect(failure).toMatchObject({ ...details, wasSent: false, notSent: 'circuitOpen' });
  });
});

describe('transportFailureOf', () => {
  const withCode = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
  it.each<[string, Error, boolean, FailureKind, string]>([
    ['a refused connection', withCode, false, 'unavailable', 'ECONNREFUSED'],
    ['an error without a code', new TypeError('host 127.0.0.1'), false, 'unavailable', 'TypeError'],
    ['a code that is no text', Object.assign(new Error('x'), { code: 20 }), false, 'unavailable', 'Error'],
    [
      'what is not HTTP',
      Object.assign(new errors.HTTPParserError('x'), { code: 'HPE_INVALID' }),
      false,
      'badResponse',
      'HPE_INVALID',
    ],
    ['headers that are too large', new errors.HeadersOverflowError(), false, 'badResponse', 'UND_ERR_HEADERS_OVERFLOW'],
    ['an interim response', new errors.SocketError('bad response'), false, 'badResponse', 'UND_ERR_SOCKET'],
    ['an upgrade', new errors.SocketError('bad upgrade'), false, 'badResponse', 'UND_ERR_SOCKET'],
    ['a closed connection', new errors.SocketError('other side closed'), false, 'unavailable', 'UND_ERR_SOCKET'],
    ['an error that only has such words', new Error('bad response'), false, 'unavailable', 'Error'],
    [
      'two lengths of a body',
      new errors.ResponseContentLengthMismatchError(),
      false,
      'badResponse',
      'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
    ],
    [
      'a body that ended early',
      new errors.ResponseContentLengthMismatchError(),
      true,
      'unavailable',
      'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
    ],
  ])('names %s', (_what, error, hasHeaders, kind, reason) => {
    const failure = transportFailureOf(error, hasHeaders);
    expect(failure).toMatchObject({ kind, message: reason, retriable: kind === 'unavailable' });
  });
});

describe('outcomeOf', () => {
  it.each<[FailureKind, string, string]>([
    ['tokenRefused', 'answered', 'answered'],
    ['forbidden', 'answered', 'answered'],
    ['insufficientCredit', 'answered', 'answered'],
    ['requestRefused', 'answered', 'answered'],
    ['rateLimited', 'answered', 'answered'],
    ['badResponse', 'answered', 'answered'],
    ['timeout', 'failed', 'unreachable'],
    ['unavailable', 'failed', 'unreachable'],
    ['outOfTime', 'abandoned', 'abandoned'],
    ['overloaded', 'abandoned', 'abandoned'],
    ['cancelled', 'abandoned', 'abandoned'],
  ])('takes %s for %s, or without a connection for %s', (kind, sent, unsent) => {
    const failure = new ViberLogFailure(kind, 'reason');
    expect([outcomeOf(failure, true), outcomeOf(failure, false)]).toEqual([sent, unsent]);
  });

  it('takes a success and a bug for answered', () => {
    expect([outcomeOf(undefined, true), outcomeOf(new Error('bug'), false)]).toEqual(['answered', 'answered']);
  });
});
