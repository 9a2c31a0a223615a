/**
 * Which entities there are, and what a representation has to have of each: for both paths.
 */

/** What a router knows of an entity. It is the caller's to write, so nothing of it is certain. */
type Representation = { __typename?: unknown; requestId?: unknown; msgId?: unknown };

export type EntityKey =
  | { typeName: 'ViberRequest'; requestId: string }
  | { typeName: 'ViberLog'; requestId: string }
  | { typeName: 'ViberMessage'; requestId: string; msgId: string };

/** Null where there is no such entity. @param representation not null. */
export function entityKeyIn(representation: unknown): EntityKey | null {
  const { __typename: typeName, requestId, msgId } = representation as Representation;
  if (typeof requestId !== 'string') return null;
  switch (typeName) {
    case 'ViberRequest':
    case 'ViberLog':
      return { typeName, requestId };
    case 'ViberMessage':
      return typeof msgId === 'string' ? { typeName, requestId, msgId } : null;
    default:
      return null;
  }
}
