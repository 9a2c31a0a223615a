/**
 * Writes the events of a plain subscription as server-sent events, without Yoga's streams: all followers of one log are sent the same
 * text, and what is left for each of them is the write to its socket.
 */
import type { ServerResponse } from 'node:http';
import type { EventOutput, Follower } from '../graphql/fast-path/follower.ts';
import type { LiveEvent } from '../graphql/fast-path/live-events.ts';
import type { Bytes } from '../graphql/response/json-writer.ts';
import type { Frame } from '../graphql/response/responses.ts';
import type { EventPings, PingedStream } from './event-pings.ts';
import { eventStreamHeaders } from './event-stream.ts';
import type { SendParts } from './send-response.ts';

const ping = ':\n\n';
const before = 'event: next\ndata: ';
const after = '\n\n';
const completion = 'event: complete\ndata:\n\n';
/** Its own of a stream, in place of those of other responses. */
const streamHeaders = ['content-type', 'text/event-stream', ...Object.entries(eventStreamHeaders).flat()];
/** The limit of a response is that of its body. */
const noFrame: Frame = { before: '', after: '' };
const replaced = new Set(streamHeaders.filter((_, index) => index % 2 === 0));

/** What Node keeps of the headers that are sent, once it has forgotten them: by it, it knows that they are. */
const sentHeaders = { _header: 'sent' };

export type EventOutputParts = Pick<SendParts, 'openStreams' | 'onSent'> & {
  pings: EventPings;
  onUnexpected: (error: unknown) => void;
};

export class EventStreamOutput implements EventOutput, PingedStream {
  readonly frame = noFrame;
  readonly #response: ServerResponse;
  readonly #parts: EventOutputParts;
  writtenIn = 0;
  #follower: Follower | undefined;
  #isWaiting = false;

  /** Begins the response. */
  constructor(response: ServerResponse, headers: readonly string[], parts: EventOutputParts) {
    this.#response = response;
    this.#parts = parts;
    response.writeHead(200, [...headersExcept(headers, replaced), ...streamHeaders]);
    parts.openStreams.add(response);
    // The first one has the headers sent.
    this.#write(ping);
    // They are a rope of thirty strings.
    if ((response as { _headerSent?: boolean })._headerSent) Object.assign(response, sentHeaders);
    parts.pings.add(this);
  }

  serve(follower: Follower): void {
    this.#follower = follower;
    this.#response.on('close', () => {
      this.#parts.pings.delete(this);
      follower.leave();
    });
  }

  ping(): void {
    if (!this.#isFull) this.#write(ping);
  }

  get #isFull(): boolean {
    return this.#response.writableNeedDrain || (this.#response.socket?.writableNeedDrain ?? false);
  }

  isReady(): boolean {
    if (!this.#isFull) return true;
    if (this.#isWaiting) return false;
    this.#isWaiting = true;
    this.#response.socket?.once('drain', () => {
      this.#isWaiting = false;
      this.#follower?.goOn();
    });
    return false;
  }

  skip(): void {}

  messageOf({ body }: LiveEvent): Bytes {
    return body;
  }

  write(event: LiveEvent, body: Bytes, onHanded: (() => void) | undefined): void {
    if (typeof body === 'string') this.#writeShort(event, body, onHanded);
    else this.#writeLong(body, onHanded);
  }

  complete(): void {
    this.#parts.pings.delete(this);
    if (!this.#isWritable) return;
    this.#write(completion);
    this.#response.end();
  }

  fail(error: unknown): void {
    this.#parts.onUnexpected(error);
    this.#response.destroy();
  }

  /** Not after the cut of a process that stops. */
  get #isWritable(): boolean {
    return this.#response.socket?.writable ?? false;
  }

  #writeShort(event: LiveEvent, body: string, onHanded: (() => void) | undefined): void {
    const { socket, chunkedEncoding } = this.#response;
    if (!chunkedEncoding || !socket) {
      this.#write(`${before}${body}${after}`, onHanded);
      return;
    }
    if (!socket.writable) return;
    if (body === event.body) event.framed ??= chunkOf(body);
    // The chunk of HTTP/1.1 (RFC 9112, section 7.1) in one piece: Node would write four.
    socket.write(body === event.body ? (event.framed as string) : chunkOf(body), 'latin1', onHanded);
    this.#sent(before.length + body.length + after.length);
  }

  #writeLong(body: Buffer, onHanded: (() => void) | undefined): void {
    if (!this.#isWritable) return;
    const response = this.#response;
    response.write(before);
    response.write(body);
    response.write(after, onHanded);
    this.#sent(before.length + body.length + after.length);
  }

  #write(text: string, onHanded?: () => void): void {
    if (!this.#isWritable) return;
    this.#response.write(text, 'latin1', onHanded);
    this.#sent(text.length);
  }

  #sent(bytes: number): void {
    this.writtenIn = this.#parts.pings.turn;
    this.#parts.onSent('sse', bytes, bytes);
  }
}

function chunkOf(body: string): string {
  const length = before.length + body.length + after.length;
  return `${length.toString(16)}\r\n${before}${body}${after}\r\n`;
}

function headersExcept(headers: readonly string[], names: ReadonlySet<string>): string[] {
  const kept: string[] = [];
  for (let i = 0; i < headers.length; i += 2) {
    const [name, value] = [headers[i] as string, headers[i + 1] as string];
    if (!names.has(name)) kept.push(name, value);
  }
  return kept;
}
