/** What went wrong, in the words of the board: its name, what to do, and whether the board tries again by itself. */
import type { CombinedError } from '@urql/core';
import type { ErrorCode } from '../../schema/error-codes.ts';

export type Problem = {
  code: string;
  title: string;
  advice: string;
  /** When the board tries again. Undefined: only a person can help. */
  retryAfterSeconds?: number;
};

type Wording = Pick<Problem, 'title' | 'advice'> & { retries?: true };

const words: Partial<Record<ErrorCode | 'CONNECTION_REFUSED', Wording>> = {
  UNAUTHENTICATED: {
    title: 'Token rejected',
    advice: 'D7 does not accept this token. Check that it is complete and has not expired, then enter it again.',
  },
  FORBIDDEN: {
    title: 'Not allowed',
    advice: 'This token may not read this log. Use the token that sent the campaign.',
  },
  INSUFFICIENT_CREDIT: {
    title: 'Insufficient credit',
    advice: 'The D7 account has too little credit. Top it up, then try again.',
  },
  BAD_USER_INPUT: {
    title: 'Not a valid id',
    advice: 'Check that it is the request_id that D7 returned for the campaign.',
  },
  RATE_LIMITED: {
    title: 'Rate limit',
    advice: 'D7 or the gateway limits the rate of this token. Follow fewer logs if this stays.',
    retries: true,
  },
  OVERLOADED: { title: 'Gateway is busy', advice: 'Too many calls with this token are waiting.', retries: true },
  MAX_SUBSCRIPTIONS_LIMIT: {
    title: 'Too many open boards',
    advice: 'Close other boards with this token, or follow fewer logs.',
    retries: true,
  },
  MAX_COMPUTED_ROWS_LIMIT: {
    title: 'Log too large',
    advice: 'The gateway may not compute this many messages at once. Ask its operator for a higher limit.',
  },
  UPSTREAM_TIMEOUT: {
    title: 'D7 is slow',
    advice: 'D7 has not answered in time. Figures may be late.',
    retries: true,
  },
  UPSTREAM_UNAVAILABLE: {
    title: 'D7 is down',
    advice: 'D7 cannot be reached, or fails. Figures may be late.',
    retries: true,
  },
  UPSTREAM_BAD_RESPONSE: {
    title: 'Unreadable answer of D7',
    advice: 'D7 sends something other than this log. Report this to the operator of the gateway.',
  },
  TRUSTED_DOCUMENT_REQUIRED: {
    title: 'Board not trusted',
    advice: 'The gateway runs trusted documents only, and not those of this board. Report this to its operator.',
  },
  CONNECTION_REFUSED: {
    title: 'No connection',
    advice: 'The gateway ended the connection and takes no new one from this page.',
    retries: true,
  },
};

const unknown: Wording = {
  title: 'Unexpected error',
  advice: 'Try again. If it stays, report this to the operator of the gateway.',
};

const defaultRetrySeconds = 30;

export function problemOf({ graphQLErrors, networkError }: CombinedError): Problem {
  const extensions = networkError ? { code: 'CONNECTION_REFUSED' } : (graphQLErrors[0]?.extensions ?? {});
  const code = String(extensions.code ?? 'UNKNOWN');
  const { title, advice, retries } = words[code as ErrorCode] ?? unknown;
  if (!retries) return { code, title, advice };
  const asked = 'retryAfterSeconds' in extensions ? Number(extensions.retryAfterSeconds) : defaultRetrySeconds;
  return { code, title, advice, retryAfterSeconds: Math.max(1, asked || defaultRetrySeconds) };
}
