/** The head of the page: the connection, more ids, and the way out. */
import { useRef } from 'preact/hooks';
import { idsIn } from '../address.ts';
import type { ConnectionState } from '../connection.ts';
import { duration, time } from '../format.ts';
import { Since } from './ago.tsx';
import { Icon } from './icons.tsx';

type HeaderProps = {
  connection: ConnectionState;
  host: string;
  onAdd: (ids: readonly string[]) => void;
  onLeave: () => void;
};

export function Header({ connection, host, onAdd, onLeave }: HeaderProps) {
  const input = useRef<HTMLInputElement>(null);

  function add(event: Event): void {
    event.preventDefault();
    if (!input.current) return;
    onAdd(idsIn(input.current.value));
    input.current.value = '';
  }

  return (
    <div class="toolbar">
      <ConnectionSign state={connection} host={host} />
      <form onSubmit={add} class="add">
        <input ref={input} aria-label="Request ids to add" placeholder="Add request ids" spellcheck={false} />
        <button type="submit">Add</button>
      </form>
      <button type="button" class="plain" onClick={onLeave}>
        Change the token
      </button>
    </div>
  );
}

function ConnectionSign({ state: { status, since, restored }, host }: { state: ConnectionState; host: string }) {
  if (status === 'connected') {
    return (
      <p class="connection good" title={host}>
        <Icon name="live" />
        Connected
        {restored && (
          <span class="quiet">
            again since {time(restored.at)}, lost for {duration(restored.at - restored.lostAt)}
          </span>
        )}
      </p>
    );
  }
  if (status === 'idle') {
    return (
      <p class="connection waiting" title={host}>
        <Icon name="pause" />
        Idle
      </p>
    );
  }
  return (
    <p class={`connection ${status === 'lost' ? 'bad' : 'waiting'}`} title={host}>
      <Icon name={status === 'lost' ? 'lost' : 'wait'} />
      {status === 'lost' ? 'Connection lost for ' : 'Connecting for '}
      <Since at={since} />
    </p>
  );
}
