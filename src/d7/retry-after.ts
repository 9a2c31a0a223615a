/**
 * The header `Retry-After` (RFC 9110, section 10.2.3): seconds, or a date.
 */

/** In whole seconds from now. Undefined where the header is missing, unreadable or in the past. */
export function retryAfterSeconds(header: string | string[] | undefined, nowMs: number): number | undefined {
  if (typeof header !== 'string') return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header);
  const seconds = Math.ceil((Date.parse(header) - nowMs) / 1000);
  return seconds > 0 ? seconds : undefined;
}
