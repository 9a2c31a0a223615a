/**
 * What the address of the page says: the ids, the open log, its filter and page. It is in the fragment, which browsers send to no server, since a
 * filter may have a part of a phone number. The token is never in it.
 */
import { observable } from './observable.ts';
import { noFilter, type RowFilter, type RowPlace } from './rows.ts';

export type Address = {
  ids: readonly string[];
  /** The GraphQL endpoint. Null: that of the board's own origin. */
  gateway: string | null;
  /** The log whose rows are shown. */
  open: string | null;
  filter: RowFilter;
  place: RowPlace;
};

const statusNames = ['DELIVERED', 'SENT', 'UNDELIVERED', 'UNKNOWN'] as const;

export function readAddress(fragment: string): Address {
  const params = new URLSearchParams(fragment.replace(/^#/, ''));
  const after = params.get('after');
  const before = params.get('before');
  return {
    ids: idsIn(params.get('ids') ?? ''),
    gateway: params.get('gateway'),
    open: params.get('open'),
    filter: {
      status: statusNames.filter((name) => listed(params.get('status')).includes(name)),
      country: listed(params.get('country')),
      recipient: params.get('recipient') ?? '',
      msgId: params.get('message') ?? '',
    },
    place: after !== null ? { after } : before !== null ? { before } : {},
  };
}

export function writeAddress({ ids, gateway, open, filter, place }: Address): string {
  const entries: [string, string][] = [
    ['ids', ids.join(',')],
    ['gateway', gateway ?? ''],
    ['open', open ?? ''],
    ...(open === null
      ? []
      : ([
          ['status', filter.status.join(',')],
          ['country', filter.country.join(',')],
          ['recipient', filter.recipient],
          ['message', filter.msgId],
          ['after', place.after ?? ''],
          ['before', place.before ?? ''],
        ] as [string, string][])),
  ];
  const params = new URLSearchParams(entries.filter(([, value]) => value !== ''));
  return `#${params.toString().replaceAll('%2C', ',').replaceAll('%3A', ':').replaceAll('%2F', '/')}`;
}

/** Ids as people paste them: separated by commas, spaces or lines; each once. */
export function idsIn(text: string): string[] {
  return [...new Set(text.split(/[\s,;]+/).filter(Boolean))];
}

function listed(text: string | null): string[] {
  return text ? text.split(',').filter(Boolean) : [];
}

export function followAddress() {
  const address = observable(readAddress(location.hash));
  const read = () => address.set(readAddress(location.hash));
  addEventListener('hashchange', read);
  addEventListener('popstate', read);

  /** @param step whether the browser's Back returns to the address before. */
  function change(part: Partial<Address>, step = false): void {
    const next = { ...address.get(), ...part };
    history[step ? 'pushState' : 'replaceState'](null, '', writeAddress(next));
    address.set(next);
  }

  return { address, change, close: () => change({ open: null, filter: noFilter, place: {} }) };
}
