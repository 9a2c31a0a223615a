/** What concerns every log: said once, above them. */
import type { ConnectionState } from '../connection.ts';
import { time } from '../format.ts';
import type { LogState } from '../log-state.ts';
import { tokenRejected } from './notice.tsx';

type PageNoticeProps = { connection: ConnectionState; logs: readonly LogState[]; onToken: () => void };

export function PageNotice({ connection, logs, onToken }: PageNoticeProps) {
  if (connection.status === 'lost') {
    return (
      <div class="notice bad page-notice" role="alert">
        <p class="notice-title">Connection lost</p>
        <p>
          The figures are those of {time(connection.since)}. The board connects again by itself; check the network if
          this lasts.
        </p>
      </div>
    );
  }
  const problem = logs.find((log) => log.problem?.code === tokenRejected)?.problem;
  if (!problem) return null;
  return (
    <div class="notice bad page-notice" role="alert">
      <p class="notice-title">{problem.title}</p>
      <p>{problem.advice}</p>
      <button type="button" onClick={onToken}>
        Change the token
      </button>
    </div>
  );
}
