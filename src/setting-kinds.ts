/**
 * The kinds of settings: how the environment spells a value of each kind, and the error message for a wrong one.
 */
import { BlockList, isIP } from 'node:net';
import { z } from 'zod';

/** Of one file: who repairs it needs the first few. */
const mostFaults = 10;

export function wholeNumber(min: number, max: number) {
  const expected = `expected a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, expected)
    .transform(Number)
    .refine((value) => value >= min && value <= max, expected);
}

export function seconds(min = 0.001) {
  const expected = `expected a number of seconds from ${min} to 3600, such as 2 or 0.5`;
  return z
    .string()
    .regex(/^\d{1,4}(\.\d{1,3})?$/, expected)
    .transform(Number)
    .refine((value) => value >= min && value <= 3600, expected);
}

export function onOrOff() {
  return z.enum(['on', 'off'], { error: 'expected on or off' }).transform((value) => value === 'on');
}

/** As OpenTelemetry spells it (Environment Variable Specification, section "Boolean value"). */
export function trueOrFalse() {
  return z
    .string()
    .toLowerCase()
    .pipe(z.enum(['true', 'false'], { error: 'expected true or false' }))
    .transform((value) => value === 'true');
}

/** What a file has. @param read is given its path, and reports its faults. */
export function readable<Content>(read: (path: string, onFault: (fault: string) => void) => Content) {
  return (path: string, context: z.RefinementCtx): Content => {
    let faults = 0;
    return read(path, (message) => {
      faults += 1;
      if (faults <= mostFaults) context.addIssue({ code: 'custom', message });
    });
  };
}

export function listed(value: string): string[] {
  return value.split(',').map((item) => item.trim());
}

/** Origins as browsers send them in the header `Origin`: without a path, even without a slash. */
export function checkOrigins(value: string, context: z.RefinementCtx): void {
  const wrong = listed(value).filter((origin) => URL.parse(origin)?.origin !== origin);
  if (wrong.length === 0) return;
  const withSlash = wrong.find((origin) => URL.parse(origin)?.origin === origin.replace(/\/$/, ''));
  const fault = withSlash ? `; ${withSlash} has a slash too many` : '';
  context.addIssue({
    code: 'custom',
    message: `expected origins such as https://app.example.com, separated by commas${fault}`,
  });
}

/** Addresses, and networks with the length of their prefix (CIDR). */
export function networks(value: string, context: z.RefinementCtx): BlockList {
  const list = new BlockList();
  const wrong = listed(value).filter((network) => !addNetwork(list, network));
  if (wrong.length > 0) {
    const message = `expected addresses and networks such as 10.0.0.0/8, separated by commas; ${wrong[0]} is neither`;
    context.addIssue({ code: 'custom', message });
  }
  return list;
}

/** False, and adds nothing, where it is none. */
function addNetwork(list: BlockList, network: string): boolean {
  const [, address = '', prefix] = /^([\d.]+|[\dA-Fa-f:.]+)(?:\/(\d{1,3}))?$/.exec(network) ?? [];
  const version = isIP(address);
  const bits = version === 4 ? 32 : 128;
  if (version === 0 || Number(prefix ?? bits) > bits) return false;
  list.addSubnet(address, Number(prefix ?? bits), version === 4 ? 'ipv4' : 'ipv6');
  return true;
}

/** The gateway sends tokens to this origin. So it must use TLS, unless it is on this machine, and contain no path or credentials. */
export function checkOrigin(value: string, context: z.RefinementCtx): void {
  const fault = faultOfOrigin(value);
  if (fault)
    context.addIssue({ code: 'custom', message: `expected an origin such as https://api.d7networks.com; ${fault}` });
}

/** The address may contain credentials. */
export function checkCollector(value: string, context: z.RefinementCtx): void {
  const url = URL.parse(value);
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return;
  context.addIssue({ code: 'custom', message: 'expected an address such as http://127.0.0.1:4318' });
}

/** What the client of Redis would reject or ignore. It would name no setting, and only after the start. */
export function checkRedisUrl(value: string, context: z.RefinementCtx): void {
  const fault = faultOfRedisUrl(value);
  if (fault === null) return;
  const message = `expected an address such as redis://127.0.0.1:6379 or rediss://…; ${fault}`;
  context.addIssue({ code: 'custom', message });
}

function faultOfRedisUrl(value: string): string | null {
  const url = URL.parse(value);
  if (url === null) return 'this is not a URL';
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') return 'this is neither redis nor rediss';
  if (url.hostname === '') return 'this has no host';
  if (url.port === '0') return 'a port is a number from 1 to 65535';
  if (!isPercentEncoded(url.username) || !isPercentEncoded(url.password))
    return 'in the user name and the password, % is written as %25';
  if (!/^(\/|\/\d{1,9})?$/.test(url.pathname)) return 'the path is the number of a database, such as /0';
  if (url.search || url.hash)
    return 'this has a query or a fragment; in the password, ? is written as %3F and # as %23';
  return null;
}

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function faultOfOrigin(value: string): string | null {
  const url = URL.parse(value);
  if (url === null) return 'this is not a URL';
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'this is neither https nor http';
  if (url.username || url.password)
    return 'this has credentials, but the caller’s token is the only one that the gateway sends';
  if (url.pathname !== '/' || url.search || url.hash) return 'this has a path, a query or a fragment';
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) return 'plain http is only allowed to a loopback address';
  return null;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
