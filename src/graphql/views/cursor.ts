/**
 * The cursor of a message: its id, as an opaque text. It names the message and not its position, which changes with the log.
 */

/** @param occurrence 0, except where D7 lists several messages with one id. */
export type Cursor = { msgId: string; occurrence: number };

const format = /^(\d{1,9}):(.*)$/s;

export function cursorOf({ msgId, occurrence }: Cursor): string {
  return Buffer.from(`${occurrence}:${msgId}`).toString('base64url');
}

/** Null where no message can have it. */
export function cursorIn(text: string): Cursor | null {
  const [, occurrence, msgId] = format.exec(Buffer.from(text, 'base64url').toString()) ?? [];
  return occurrence === undefined || msgId === undefined ? null : { msgId, occurrence: Number(occurrence) };
}
