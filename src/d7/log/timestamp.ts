/**
 * Points in time as D7 writes them: RFC 3339 (section 5.6), and the same with an offset that has no colon.
 */

// Year, month, day, hour, minute, second, fraction; then Z, or sign, hours and minutes of the offset.
const written = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2}):?(\d{2}))$/;

/** Null when the text is no point in time: no offset, or a day that the calendar does not have. */
export function parseTimestamp(text: string): Date | null {
  const match = written.exec(text);
  if (match === null) return null;
  const [
    ,
    year,
    month,
    day,
    hour,
    minute,
    second,
    fraction = '',
    sign = '+',
    offsetHours = '00',
    offsetMinutes = '00',
  ] = match;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(offsetHours) > 23 || Number(offsetMinutes) > 59) return null;
  if (Number(second) > 59) return null;

  const milliseconds = fraction.padEnd(3, '0').slice(0, 3);
  const local = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${milliseconds}Z`);
  // JavaScript takes 30 February for 1 March; a time that does not read back as it was written is none.
  if (Number.isNaN(local.getTime()) || local.getUTCDate() !== Number(day)) return null;

  const offsetMs = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000 * (sign === '-' ? -1 : 1);
  const time = new Date(local.getTime() - offsetMs);
  // The offset can carry a time out of the years 0000 to 9999, the only ones that RFC 3339 can write.
  return time.getUTCFullYear() >= 0 && time.getUTCFullYear() <= 9999 ? time : null;
}
