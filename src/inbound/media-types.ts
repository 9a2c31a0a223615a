/**
 * Reads the headers `Accept` and `Content-Type` as RFC 9110 defines them, and rewrites them for Yoga, which compares them as text: it knows
 * neither other spellings of a media type nor the weights of `Accept`.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { parameterIn, type Weighted, weightedIn } from './weighted-list.ts';

/** In the order that decides between types that the client wants equally. */
const documents = ['application/json', 'application/graphql-response+json'];
const streams = ['text/event-stream', 'multipart/mixed'];
/** GraphiQL. Only a client that names it gets a page. */
export const page = 'text/html';

/** Yoga serves no such type: with it in `Accept`, Yoga answers 406. */
const nothing = 'none/none';

type Range = { name: string; quality: number };
type Acceptable = { type: string; quality: number; place: number };

export function normaliseMediaTypes(headers: IncomingHttpHeaders): void {
  const { accept, 'content-type': contentType } = headers;
  if (accept?.trim()) headers.accept = acceptable(accept).join(', ') || nothing;
  if (contentType !== undefined) headers['content-type'] = normalised(contentType);
}

/** Types are case-insensitive, and there may be spaces around semicolons (sections 8.3.1 and 5.6.6). */
function normalised(contentType: string): string {
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim());
  return [type.toLowerCase(), ...parameters].join(';');
}

/** The types of this server that the client accepts (section 12.5.1), the most wanted one first. */
function acceptable(accept: string): string[] {
  const ranges = weightedIn(accept).flatMap(rangeIn);
  const found = [...documents, ...streams, page]
    .flatMap((type) => acceptableBy(ranges, type) ?? [])
    .toSorted((a, b) => b.quality - a.quality || a.place - b.place);
  // Yoga prefers a document to a stream.
  const wantsStream = qualityOf(found, streams) > qualityOf(found, documents);
  return found.map(({ type }) => type).filter((type) => !wantsStream || !documents.includes(type));
}

/** Nothing for what has another charset: there is only UTF-8. */
function rangeIn({ name, parameters, quality }: Weighted): Range[] {
  const charset = parameterIn(parameters, 'charset')?.replaceAll('"', '') ?? 'utf-8';
  if (!/^[^/]+\/[^/]+$/.test(name) || charset !== 'utf-8') return [];
  return [{ name, quality: quality >= 0 ? quality : 1 }];
}

/** Of several ranges with a type, the most specific one counts. */
function acceptableBy(ranges: readonly Range[], type: string): Acceptable | null {
  const names = type === page ? [page] : [type, `${type.split('/')[0]}/*`, '*/*'];
  for (const name of names) {
    const place = ranges.findIndex((range) => range.name === name);
    const { quality = 0 } = ranges[place] ?? {};
    if (place >= 0) return quality > 0 ? { type, quality, place } : null;
  }
  return null;
}

function qualityOf(found: readonly Acceptable[], types: readonly string[]): number {
  return Math.max(0, ...found.filter(({ type }) => types.includes(type)).map(({ quality }) => quality));
}
