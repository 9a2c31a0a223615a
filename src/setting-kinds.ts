/**
 * The kinds of settings: how each is written in the environment, and what is said when it is written otherwise.
 */
import { z } from 'zod';

export function wholeNumber(least: number, most: number) {
  const expected = `expected a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, expected)
    .transform(Number)
    .refine((value) => value >= least && value <= most, expected);
}

export function seconds(least = 0.001) {
  const expected = `expected a number of seconds from ${least} to 3600, such as 2 or 0.5`;
  return z
    .string()
    .regex(/^\d{1,4}(\.\d{1,3})?$/, expected)
    .transform(Number)
    .refine((value) => value >= least && value <= 3600, expected);
}

export function onOrOff() {
  return z.enum(['on', 'off'], { error: 'expected on or off' }).transform((value) => value === 'on');
}

export function listed(value: string): string[] {
  return value.split(',').map((item) => item.trim());
}

/** As browsers write it in the header `Origin`: no path, not even a slash. */
export function checkOrigins(value: string, context: z.RefinementCtx): void {
  if (listed(value).every((origin) => URL.parse(origin)?.origin === origin)) return;
  context.addIssue({
    code: 'custom',
    message: 'expected origins such as https://app.example.com, separated by commas',
  });
}

/** Tokens go to this origin: so TLS, unless they stay on this machine, and nothing but an origin. */
export function checkOrigin(value: string, context: z.RefinementCtx): void {
  const fault = faultOfOrigin(value);
  if (fault)
    context.addIssue({ code: 'custom', message: `expected an origin such as https://api.d7networks.com; ${fault}` });
}

export function checkRedisUrl(value: string, context: z.RefinementCtx): void {
  const protocol = URL.parse(value)?.protocol;
  if (protocol === 'redis:' || protocol === 'rediss:') return;
  context.addIssue({ code: 'custom', message: 'expected an address such as redis://127.0.0.1:6379 or rediss://…' });
}

function faultOfOrigin(value: string): string | null {
  const url = URL.parse(value);
  if (url === null) return 'this is no URL';
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'this is neither https nor http';
  if (url.username || url.password) return 'this has credentials in it, and the caller’s token is the only one';
  if (url.pathname !== '/' || url.search || url.hash) return 'this has a path, a query or a fragment';
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) return 'plain http is only allowed to a loopback address';
  return null;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
