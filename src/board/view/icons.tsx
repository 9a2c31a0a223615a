/** The signs of states: each has a shape of its own, since colour alone says nothing to some. */

export type IconName = 'live' | 'done' | 'search' | 'none' | 'wait' | 'alert' | 'pause' | 'lost' | 'back' | 'close';

const paths: Record<IconName, string> = {
  live: 'M8 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8Z',
  done: 'm3.5 8.5 3 3 6-7',
  search: 'M7 3a4 4 0 1 0 0 8 4 4 0 0 0 0-8Zm3 7 3.5 3.5',
  none: 'M4 4l8 8M12 4l-8 8',
  wait: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11ZM8 5v3l2 1.5',
  alert: 'M8 2.5 14 13H2L8 2.5Zm0 4v3m0 1.6v.4',
  pause: 'M5.5 4v8M10.5 4v8',
  lost: 'M2.5 6.5a8 8 0 0 1 11 0M5 9.2a4.4 4.4 0 0 1 6 0M8 12v.2M3 2.5l10 11',
  back: 'M6 4 3 7l3 3M3.5 7H10a3 3 0 0 1 0 6H7',
  close: 'M4 4l8 8M12 4l-8 8',
};

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class={`icon icon-${name}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  );
}
