/** Requests composed at random of valid and broken parts, one for each seed. Each is bytes, written as latin1. */
import { seeded } from './queue-simulation.ts';
import * as parts from './request-parts.ts';

type Random = {
  pick: <Part>(from: readonly Part[]) => Part;
  chance: (share: number) => boolean;
  /** By this request's share of broken parts. */
  isBroken: () => boolean;
  part: (from: parts.Parts) => string;
};

/** Most requests pass most checks, so that all checks are reached. */
const brokenShares = [0, 0.02, 0.05, 0.15, 0.4];

export function randomRequest(seed: number): string {
  const random = createRandom(seed);
  const { pick, chance, isBroken, part } = random;
  const isUpgrade = chance(0.4);
  const method = part(isUpgrade && chance(0.8) ? parts.upgradeMethods : parts.methods);
  const hasQuery = chance(method === 'GET' && !isUpgrade ? 0.9 : 0.1);
  const body = method === 'POST' || chance(0.2) ? part(parts.bodies) : '';
  const headers = [
    ...(isBroken() ? pick(parts.brokenHosts) : ['Host: gateway.example']),
    ...(isUpgrade ? upgradeFrom(random) : []),
    ...framingFrom(random, body),
    ...(body === '' && !isBroken() ? [] : [`Content-Type: ${part(parts.mediaTypes)}`]),
    ...parts.optionalHeaders.filter(() => chance(0.3)).map(part),
    ...(isBroken() ? [pick(parts.brokenHeaders)] : []),
  ];
  if (chance(0.2)) headers.sort(() => (chance(0.5) ? 1 : -1));
  const end = isBroken() ? pick(parts.brokenEnds) : '\r\n';
  const target = method === 'OPTIONS' && chance(0.2) ? '*' : targetFrom(random, hasQuery);
  const line = `${method} ${target} ${part(parts.versions)}`;
  return `${[line, ...headers].join('\r\n')}\r\n${end}${body}`;
}

function createRandom(seed: number): Random {
  const next = seeded(seed);
  const pick = <Part>(from: readonly Part[]) => from[Math.floor(next() * from.length)] as Part;
  const chance = (share: number) => next() < share;
  const brokenShare = pick(brokenShares);
  const isBroken = () => chance(brokenShare);
  const part = ({ valid, broken }: parts.Parts) => pick(isBroken() ? broken : valid);
  return { pick, chance, isBroken, part };
}

function targetFrom({ pick, chance, isBroken, part }: Random, hasQuery: boolean): string {
  if (isBroken() && chance(0.3)) return pick(parts.oddTargets);
  const target = part(parts.paths) + (hasQuery ? `?${part(parts.queries)}` : '');
  return chance(0.8) ? target : `${part(parts.schemes)}//${part(parts.authorities)}${target}`;
}

function upgradeFrom({ chance, isBroken, part }: Random): string[] {
  const headers = [`Connection: ${part(parts.connections)}`, `Upgrade: ${part(parts.protocols)}`];
  if (!isBroken()) headers.push(`Sec-WebSocket-Key: ${part(parts.webSocketKeys)}`);
  if (!isBroken()) headers.push(`Sec-WebSocket-Version: ${part(parts.webSocketVersions)}`);
  if (chance(0.7)) headers.push(`Sec-WebSocket-Protocol: ${part(parts.webSocketProtocols)}`);
  if (chance(0.3)) headers.push(`Sec-WebSocket-Extensions: ${part(parts.webSocketExtensions)}`);
  if (chance(0.1)) headers.push(`HTTP2-Settings: ${part(parts.http2Settings)}`);
  return isBroken() ? [...headers, ...headers.slice(2)] : headers;
}

function framingFrom({ pick, chance, isBroken }: Random, body: string): string[] {
  const length = `Content-Length: ${body.length}`;
  if (isBroken()) {
    const broken = [
      `Content-Length: ${pick(parts.brokenLengths)}`,
      `Transfer-Encoding: ${pick(parts.codings)}`,
      length,
    ];
    return broken.filter(() => chance(0.5));
  }
  return body === '' && chance(0.5) ? [] : [length];
}
