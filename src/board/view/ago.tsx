/** A time that passes. Only these few words are rendered each second. */
import { clock } from '../clock.ts';
import { duration, time } from '../format.ts';
import { useValue } from '../observable.ts';

/** `3 min 20 s`, since then. */
export function Since({ at }: { at: number }) {
  return (
    <time class="tick" dateTime={new Date(at).toISOString()} title={time(at)}>
      {duration(useValue(clock) - at)}
    </time>
  );
}

/** `12 s`, until then. */
export function Until({ at }: { at: number }) {
  return <span class="tick">{duration(at - useValue(clock) + 999)}</span>;
}
