/**
 * The content codings of responses: which one a client gets (RFC 9110, section 12.5.3), and how it is made.
 */
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip, zstdCompress } from 'node:zlib';
import { type Weighted, weightedIn } from './weighted-list.ts';

export type Coding = keyof typeof compressors;

const { BROTLI_PARAM_QUALITY, ZSTD_c_compressionLevel } = constants;
const zstd = promisify(zstdCompress);
const brotli = promisify(brotliCompress);
const deflate = promisify(gzip);

/**
 * In the order that decides between codings that a client wants equally: the least CPU time first. Higher levels make logs little
 * smaller and cost several times as much: `node test/bench/compression.ts` prints the figures. All of these work in libuv's threads.
 */
const compressors = {
  zstd: (bytes: Buffer) => zstd(bytes, { params: { [ZSTD_c_compressionLevel]: 1 } }),
  br: (bytes: Buffer) => brotli(bytes, { params: { [BROTLI_PARAM_QUALITY]: 1 } }),
  gzip: (bytes: Buffer) => deflate(bytes, { level: 6 }),
};

const codings = Object.keys(compressors) as Coding[];

export function compressAs(coding: Coding, bytes: Buffer): Promise<Buffer> {
  return compressors[coding](bytes);
}

/**
 * Null: as it is, which is also what a client gets that excludes this and accepts nothing else: the RFC allows it, and a 406 would help
 * nobody.
 */
export function codingFor(acceptEncoding: string | undefined, available: readonly Coding[] = codings): Coding | null {
  if (!acceptEncoding) return null;
  const accepted = weightedIn(acceptEncoding).filter(isValid);
  let best: Coding | null = null;
  let most = qualityOf('identity', accepted);
  for (const coding of available) {
    const quality = qualityOf(coding, accepted);
    if (quality > most || (quality === most && quality > 0 && best === null)) {
      best = coding;
      most = quality;
    }
  }
  return best;
}

/** A weight that is not valid says nothing about what the client can read. */
function isValid({ quality }: Weighted): boolean {
  return quality >= 0 && quality <= 1;
}

/** `*` stands for every coding that is not named. */
function qualityOf(coding: string, accepted: readonly Weighted[]): number {
  const named = accepted.find(({ name }) => name === coding) ?? accepted.find(({ name }) => name === '*');
  return named?.quality ?? 0;
}
