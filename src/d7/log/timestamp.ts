/**
 * Reads a point in time as D7 writes it: RFC 3339 (section 5.6), or the same with an offset that has no colon or no
 * minutes.
 */

// Year, month, day, hour, minute, second, fraction; then Z, or sign, hours and minutes of the offset.
const pattern = /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:[Zz]|([+-])(\d{2})(?::?(\d{2}))?)$/;

/** Null where the text is not a point in time: it has no offset, or its day is not in the calendar. */
export function parseTimestamp(text: string): Date | null {
  const match = pattern.exec(text);
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
  // JavaScript reads 30 February as 1 March.
  if (Number.isNaN(local.getTime()) || local.getUTCDate() !== Number(day)) return null;

  const offsetMs = (Number(offsetHours) * 60 + Number(offsetMinutes)) * 60_000 * (sign === '-' ? -1 : 1);
  const time = new Date(local.getTime() - offsetMs);
  // RFC 3339 can write the years 0000 to 9999. With the offset, the time may be outside of them.
  return time.getUTCFullYear() >= 0 && time.getUTCFullYear() <= 9999 ? time : null;
}
