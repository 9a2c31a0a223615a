/**
 * What compressing a response costs, and what it saves: `node test/bench/compression.ts`. The table is the reason for the levels in
 * src/inbound/content-codings.ts and for the default of `COMPRESSION_MIN_BYTES`.
 *
 * CPU time is that of this process, its threads included. The rows are those of a real log in the one respect that counts here: their
 * ids and numbers are random.
 */
import { randomInt, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip, zstdCompress } from 'node:zlib';

type Compress = (bytes: Buffer) => Promise<Buffer>;

const zstd =
  (level: number): Compress =>
  (bytes) =>
    promisify(zstdCompress)(bytes, { params: { [constants.ZSTD_c_compressionLevel]: level } });
const brotli =
  (quality: number): Compress =>
  (bytes) =>
    promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } });
const deflate =
  (level: number): Compress =>
  (bytes) =>
    promisify(gzip)(bytes, { level });

const contenders: Record<string, Compress> = {
  'zstd 1': zstd(1),
  'zstd 3': zstd(3),
  'zstd 6': zstd(6),
  'br 1': brotli(1),
  'br 4': brotli(4),
  'br 5': brotli(5),
  'gzip 1': deflate(1),
  'gzip 6': deflate(6),
  'gzip 9': deflate(9),
};

const statuses = [...Array(8).fill('delivered'), 'sent', 'undelivered'];

function responseOf(rows: number): Buffer {
  const messages = Array.from({ length: rows }, () => {
    const rawStatus = statuses[randomInt(statuses.length)];
    return {
      __typename: 'ViberMessage',
      msgId: randomUUID(),
      country: ['AE', 'IN', 'DE'][randomInt(3)],
      recipient: `+9715${randomInt(1e8)}`,
      status: rawStatus.toUpperCase(),
      rawStatus,
      viberCost: [0.0004, 0.012, 0.0131][randomInt(3)],
    };
  });
  return Buffer.from(JSON.stringify({ data: { viberLog: { __typename: 'ViberLog', messages } } }));
}

async function measure(compress: Compress, body: Buffer): Promise<string> {
  const rounds = Math.ceil(2_000_000 / (body.length + 10_000));
  const { length } = await compress(body);
  const turns: number[] = [];
  for (let turn = 0; turn < 5; turn += 1) {
    const before = process.cpuUsage();
    for (let round = 0; round < rounds; round += 1) await compress(body);
    const { user, system } = process.cpuUsage(before);
    turns.push((user + system) / 1000 / rounds);
  }
  return `${((length / body.length) * 100).toFixed(1)} %, ${Math.min(...turns).toFixed(2)} ms`;
}

const bodies = [5, 10, 100, 10_000].map(responseOf);
const sizes = bodies.map(({ length }) => `${(length / 1000).toFixed(1)} KB`);
console.log(`| | ${sizes.join(' | ')} |\n| --- |${' --- |'.repeat(sizes.length)}`);
for (const [name, compress] of Object.entries(contenders)) {
  const cells: string[] = [];
  for (const body of bodies) cells.push(await measure(compress, body));
  console.log(`| ${name} | ${cells.join(' | ')} |`);
}
