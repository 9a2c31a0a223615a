/** One kept connection to a contender, as lean as it can be: what it costs is not the contender's. */
import { connect } from 'node:net';

/** What came, up to 4096 characters of it, and whether it holds errors anywhere: a coded error is answered with 200, too. */
type Answer = { text: string; isGood: boolean };

export type Client = { ask: (body: string) => Promise<Answer>; close: () => void };

export const token = 'Bearer sandbox-token';
const shownBytes = 4096;
const nothing: Answer = { text: '', isGood: false };

export async function openClient(port: number, authorization = token): Promise<Client> {
  const socket = connect(port, '127.0.0.1').setNoDelay();
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  let chunks: Buffer[] = [];
  let bytes = 0;
  let expected = -1;
  let isChunked = false;
  let done: (answer: Answer) => void = () => {};

  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (expected < 0 && !isChunked) readHead();
    const isWhole = isChunked
      ? chunk.subarray(-5).toString('latin1') === '0\r\n\r\n'
      : expected >= 0 && bytes >= expected;
    if (isWhole) finish();
  });
  // Who is cut off has no good answer.
  socket.on('error', () => {}).on('close', () => done(nothing));

  function readHead(): void {
    const text = Buffer.concat(chunks).toString('latin1');
    const end = text.indexOf('\r\n\r\n');
    if (end < 0) return;
    const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, end))?.[1];
    if (length === undefined) isChunked = true;
    else expected = end + 4 + Number(length);
  }

  function finish(): void {
    const [only] = chunks;
    const whole = only && chunks.length === 1 ? only : Buffer.concat(chunks);
    chunks = [];
    bytes = 0;
    expected = -1;
    isChunked = false;
    const text = whole.toString('utf8', 0, Math.min(whole.length, shownBytes));
    done({ text, isGood: text.startsWith('HTTP/1.1 200') && !whole.includes('"errors":') });
  }

  const ask = (body: string) =>
    new Promise<Answer>((resolve) => {
      done = resolve;
      if (socket.destroyed) return done(nothing);
      socket.write(headOf(Buffer.byteLength(body), authorization) + body);
    });
  return { ask, close: () => socket.destroy() };
}

function headOf(length: number, authorization: string): string {
  return `POST /graphql HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\nauthorization: ${authorization}\r\ncontent-length: ${length}\r\n\r\n`;
}
