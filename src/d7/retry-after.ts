/**
 * The header `Retry-After` (RFC 9110, section 10.2.3): seconds, or an HTTP-date in one of its three formats (section 5.6.7).
 *
 * `Date.parse` is no parser of these: it takes `-40` and `abc 2099` for dates that are decades away.
 */

/** *Assumed*: a longer delay is a mistake, and a client that honours it would not come back. */
const maxSeconds = 24 * 60 * 60;

/** In whole seconds from now. Undefined where the header is missing, repeated, invalid or in the past. */
export function retryAfterSeconds(header: string | string[] | undefined, nowMs: number): number | undefined {
  if (typeof header !== 'string') return undefined;
  // Spaces around a value are no part of it (section 5.5).
  const value = header.replace(/^[ \t]+|[ \t]+$/g, '');
  if (/^\d+$/.test(value)) return Math.min(Number(value), maxSeconds);
  const seconds = Math.ceil((httpDateMs(value, nowMs) - nowMs) / 1000);
  return seconds > 0 ? Math.min(seconds, maxSeconds) : undefined;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const month = `(?<month>${months.join('|')})`;
const time = '(?<hour>[01]\\d|2[0-3]):(?<minute>[0-5]\\d):(?<second>[0-5]\\d|60)';
const dayName = '(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)';
const longDayName = '(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day';

/** IMF-fixdate, and the obsolete formats of RFC 850 and of asctime, which a recipient must accept as well. */
const httpDates = [
  new RegExp(`^${dayName}, (?<day>\\d\\d) ${month} (?<year>\\d{4}) ${time} GMT$`),
  new RegExp(`^${longDayName}, (?<day>\\d\\d)-${month}-(?<year>\\d\\d) ${time} GMT$`),
  new RegExp(`^${dayName} ${month} (?<day>\\d\\d| \\d) ${time} (?<year>\\d{4})$`),
];

/** NaN where the value is no HTTP-date. */
function httpDateMs(value: string, nowMs: number): number {
  const parts = httpDates.map((format) => format.exec(value)?.groups).find((groups) => groups !== undefined);
  if (parts === undefined) return Number.NaN;
  const [day, hour, minute, second] = [
    Number(parts.day),
    Number(parts.hour),
    Number(parts.minute),
    Number(parts.second),
  ];
  const date = new Date(0);
  date.setUTCFullYear(fullYear(parts.year as string, nowMs), months.indexOf(parts.month as string), day);
  // The 31st of February is a day of March.
  if (date.getUTCDate() !== day) return Number.NaN;
  return date.setUTCHours(hour, minute, second);
}

/** Two digits that seem to be more than 50 years in the future are the last such year of the past (section 5.6.7). */
function fullYear(digits: string, nowMs: number): number {
  if (digits.length === 4) return Number(digits);
  const thisYear = new Date(nowMs).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + Number(digits);
  return year > thisYear + 50 ? year - 100 : year;
}
