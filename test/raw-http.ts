/** Requests as bytes, for whatever no decent HTTP client would send. */
import { connect } from 'node:net';

export type RawReply = {
  /** 0: the connection ended without a response. */
  status: number;
  headers: Record<string, string>;
  body: string;
  text: string;
};

/** Resolves with the first response that is no 1xx but 101, or with whatever came when the connection ended. */
export function sendRaw(url: string, bytes: string | Buffer): Promise<RawReply> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(Number(port), hostname);
    const settle = () => {
      socket.destroy();
      resolve(parse(text));
    };
    socket.setEncoding('latin1').on('data', (chunk) => {
      text += chunk;
      if (isWhole(text)) settle();
    });
    socket.on('error', settle).on('close', settle);
    socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  });
}

export function isWhole(text: string): boolean {
  const { status, headers, body } = parse(text);
  if (status === 0) return false;
  if (status === 101 || status === 204 || status === 304) return true;
  if (headers['transfer-encoding'] === 'chunked') return /(^|\r\n)0\r\n\r\n$/.test(body);
  return body.length >= Number(headers['content-length']);
}

export function parse(text: string): RawReply {
  const response = text.replace(/^HTTP\/1\.1 100 .*?\r\n\r\n/s, '');
  const end = response.indexOf('\r\n\r\n');
  if (end === -1) return { status: 0, headers: {}, body: '', text };
  const [first = '', ...lines] = response.slice(0, end).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  return { status: Number(first.split(' ')[1]), headers, body: response.slice(end + 4), text };
}
