/** A closed loop of clients on kept connections, as lean as it can be: what it costs is not the contender's. */
import { connect, type Socket } from 'node:net';

export type Load = { port: number; connections: number; seconds: number; bodyOf: (index: number) => string };
export type Measured = { requests: number; latenciesMs: number[]; failed: number };

const headOf = (length: number) =>
  `POST /graphql HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\nauthorization: Bearer sandbox-token\r\ncontent-length: ${length}\r\n\r\n`;

export async function runLoad({ port, connections, seconds, bodyOf }: Load): Promise<Measured> {
  const measured: Measured = { requests: 0, latenciesMs: [], failed: 0 };
  const endMs = performance.now() + seconds * 1000;
  let index = 0;

  async function client(): Promise<void> {
    const ask = await openClient(port);
    while (performance.now() < endMs) {
      const startedMs = performance.now();
      const text = await ask(bodyOf(index++));
      measured.latenciesMs.push(performance.now() - startedMs);
      measured.requests += 1;
      if (!text.startsWith('HTTP/1.1 200')) measured.failed += 1;
    }
    ask.close();
  }

  await Promise.all(Array.from({ length: connections }, client));
  measured.latenciesMs.sort((a, b) => a - b);
  return measured;
}

/** One connection; resolves with the head of each answer once the whole of it has come. */
export async function openClient(port: number) {
  const socket: Socket = connect(port, '127.0.0.1').setNoDelay();
  await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
  let chunks: Buffer[] = [];
  let bytes = 0;
  let expected = -1;
  let isChunked = false;
  let done: (text: string) => void = () => {};

  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    bytes += chunk.length;
    if (expected < 0 && !isChunked) readHead();
    const isWhole = isChunked
      ? chunk.subarray(-5).toString('latin1') === '0\r\n\r\n'
      : expected >= 0 && bytes >= expected;
    if (isWhole) finish();
  });

  function readHead(): void {
    const text = Buffer.concat(chunks).toString('latin1');
    const end = text.indexOf('\r\n\r\n');
    if (end < 0) return;
    const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, end))?.[1];
    if (length === undefined) isChunked = true;
    else expected = end + 4 + Number(length);
  }

  function finish(): void {
    const whole = Buffer.concat(chunks);
    chunks = [];
    bytes = 0;
    expected = -1;
    isChunked = false;
    done(whole.length > 4096 ? whole.subarray(0, 4096).toString('utf8') : whole.toString('utf8'));
  }

  const ask = (body: string) =>
    new Promise<string>((resolve) => {
      done = resolve;
      socket.write(headOf(Buffer.byteLength(body)) + body);
    });
  return Object.assign(ask, { close: () => socket.destroy() });
}
