/** Numbers, times and ids as people read them. */

const numbers = new Intl.NumberFormat('en');
const clockTimes = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const countryNames = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });

export function count(value: number): string {
  return numbers.format(value);
}

/** `2,310 messages`, `1 message`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** Rounded down: only what is whole is 100 %. */
export function percent(rate: number | null): string {
  return rate === null ? '–' : `${(Math.floor(rate * 1000 + 1e-9) / 10).toFixed(1)} %`;
}

export function time(ms: number): string {
  return clockTimes.format(ms);
}

/** `8 s`, `3 min 20 s`, `1 h 5 min`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Groups the whole part: `1234.5` is `1,234.5`. The text stays exact. */
export function money(decimal: string): string {
  const [whole = '', fraction] = decimal.split('.');
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ',')}${fraction === undefined ? '' : `.${fraction}`}`;
}

export function countryName(code: string | null): string {
  if (code === null) return 'No country';
  return (/^[A-Z]{2}$/.test(code) && countryNames.of(code)) || code;
}

/** The country and the network stay readable, the person does not. */
export function masked(recipient: string): string {
  return recipient.length <= 6 ? '••••••' : `${recipient.slice(0, 6)}${'•'.repeat(recipient.length - 6)}`;
}
