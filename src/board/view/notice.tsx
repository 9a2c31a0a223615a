/** The state of a log: its sign, its name, and what to do. */
import type { ComponentChildren } from 'preact';
import { clock } from '../clock.ts';
import type { ConnectionState } from '../connection.ts';
import { time } from '../format.ts';
import type { LogState } from '../log-state.ts';
import { useValue } from '../observable.ts';
import { Since, Until } from './ago.tsx';
import { Icon, type IconName } from './icons.tsx';

type Tone = 'calm' | 'good' | 'waiting' | 'bad';
type Sign = { icon: IconName; label: string; tone: Tone };

const slowAfterMs = 4000;

export const tokenRejected = 'UNAUTHENTICATED';

/** Whether an event of the log can come. */
function isFollowed({ phase }: LogState): boolean {
  return phase === 'opening' || phase === 'live' || phase === 'looking';
}

/** The one word about a log. */
export function signOf(log: LogState, connection: ConnectionState): Sign {
  if (connection.status === 'lost' && isFollowed(log)) {
    return { icon: 'lost', label: 'Disconnected', tone: 'bad' };
  }
  if (log.problem) return { icon: 'alert', label: log.problem.title, tone: 'bad' };
  switch (log.phase) {
    case 'opening':
      return { icon: 'wait', label: 'Reading', tone: 'waiting' };
    case 'live':
      return { icon: 'live', label: 'Live', tone: 'good' };
    case 'complete':
      return { icon: 'done', label: 'Complete', tone: 'good' };
    case 'looking':
      return { icon: 'search', label: 'Looking', tone: 'waiting' };
    case 'missing':
      return { icon: 'none', label: 'No log', tone: 'bad' };
    case 'ended':
      return { icon: 'pause', label: 'Not followed', tone: 'waiting' };
    case 'failed':
      return { icon: 'alert', label: 'Failed', tone: 'bad' };
  }
}

export function Tag({ sign: { icon, label, tone } }: { sign: Sign }) {
  return (
    <span class={`tag ${tone}`}>
      <Icon name={icon} />
      {label}
    </span>
  );
}

type NoticeProps = { log: LogState; connection: ConnectionState; onAgain: () => void };

/** What a person should know or do. Nothing while all is well. */
export function Notice({ log, connection, onAgain }: NoticeProps) {
  const words = useWords(log, connection);
  if (words === null) return null;
  const again = log.phase === 'missing' ? 'Look again' : log.phase === 'ended' ? 'Follow again' : 'Try again';
  return (
    <div class={`notice ${words.tone}`}>
      <p class="notice-title">{words.title}</p>
      <p>{words.advice}</p>
      {words.hasButton && (
        <button type="button" onClick={onAgain}>
          {again}
        </button>
      )}
    </div>
  );
}

type Words = { tone: Tone; title: string; advice: ComponentChildren; hasButton?: boolean };

function useWords(log: LogState, connection: ConnectionState): Words | null {
  const now = useValue(clock);
  const { phase, phaseSince, problem, retryAt, data, dataAt } = log;
  const figures = data && phase !== 'complete' ? ` The figures are those of ${time(dataAt)}.` : '';
  // The page says once what concerns all logs.
  if ((connection.status === 'lost' && isFollowed(log)) || problem?.code === tokenRejected) return null;
  if (problem) {
    const { title, advice } = problem;
    if (phase !== 'failed') {
      return { tone: 'bad', title, advice: `${advice} The gateway keeps trying.${figures}` };
    }
    const retry = retryAt !== null && (
      <>
        {' '}
        Next attempt in <Until at={retryAt} />.
      </>
    );
    return {
      tone: 'bad',
      title,
      advice: (
        <>
          {advice}
          {retry}
          {figures}
        </>
      ),
      hasButton: true,
    };
  }
  switch (phase) {
    case 'opening':
      if (now - phaseSince < slowAfterMs) return null;
      return {
        tone: 'waiting',
        title: 'D7 is slow',
        advice: (
          <>
            Waiting for the first answer for <Since at={phaseSince} />.{figures}
          </>
        ),
      };
    case 'looking':
      return {
        tone: 'waiting',
        title: data ? 'The log has vanished' : 'No log yet',
        advice: (
          <>
            The log of a new campaign may appear late. Looking for <Since at={phaseSince} />.{figures}
          </>
        ),
      };
    case 'missing':
      return {
        tone: 'bad',
        title: 'No log with this id',
        advice: `D7 has none for this token. Check the id and the token, or look again later.${figures}`,
        hasButton: true,
      };
    case 'ended':
      return {
        tone: 'waiting',
        title: 'Not followed any more',
        advice: `Nothing has changed for long, so the gateway has stopped asking D7.${figures}`,
        hasButton: true,
      };
    default:
      return null;
  }
}
