/** Which gateway, and which token for it. The token is kept until the tab is closed, for this gateway alone. */

const meta = (name: string) => document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? '';

/** What the sandbox offers to a newcomer. A gateway in production offers nothing. */
export const offered = { token: meta('board-token'), ids: meta('board-ids') };

/** @returns null for what is no address of a gateway. */
export function gatewayUrl(given: string | null): string | null {
  const url = URL.parse(given ?? '/graphql', location.href);
  if (url === null || !/^https?:$/.test(url.protocol)) return null;
  if (url.pathname === '/') url.pathname = '/graphql';
  return url.href;
}

export function storedToken(gateway: string): string {
  return sessionStorage.getItem(keyOf(gateway)) ?? '';
}

export function storeToken(gateway: string, token: string): void {
  if (token) sessionStorage.setItem(keyOf(gateway), token);
  else sessionStorage.removeItem(keyOf(gateway));
}

function keyOf(gateway: string): string {
  return `token of ${gateway}`;
}
