/**
 * The events of a plain subscription over WebSocket. They are written past the protocol's server, which would await each of them several
 * times; it knows the subscription as an iteration without values, and says how it ends.
 */
import type { EventOutput, Follower } from '../graphql/fast-path/follower.ts';
import type { LiveEvent } from '../graphql/fast-path/live-events.ts';
import type { Bytes } from '../graphql/response/json-writer.ts';
import type { Frame } from '../graphql/response/responses.ts';
import type { Connection, Running } from './websocket-running.ts';

type End = { resolve: (result: IteratorReturnResult<undefined>) => void; reject: (error: unknown) => void };
type OnSent = (bytes: number) => void;

/** From here on the head of a frame is a longer one. */
const longBytes = 64 * 1024;
const asciiShape = /^[ -~]*$/;
const over: IteratorReturnResult<undefined> = { done: true, value: undefined };

export class WebSocketEvents implements EventOutput, AsyncIterableIterator<never> {
  readonly frame: Frame;
  readonly #connection: Connection;
  readonly #running: Running;
  readonly #onSent: OnSent;
  /** The frame, one byte in each character. */
  readonly #before: string;
  #follower: Follower | undefined;
  /** May write, waits until it may, or until the socket has taken what it wrote. */
  #state: 'idle' | 'waiting' | 'held' | 'handing' = 'idle';
  #isWanted = false;
  #end: End | undefined;
  #onEventHanded: (() => void) | undefined;
  readonly #onHanded = () => {
    this.#state = 'idle';
    this.#onEventHanded?.();
    this.#connection.endWriting(this.#running);
    if (this.#isWanted) this.#follower?.goOn();
  };

  constructor(frame: Frame, running: Running, connection: Connection, onSent: OnSent) {
    this.frame = frame;
    this.#running = running;
    this.#connection = connection;
    this.#onSent = onSent;
    this.#before = asciiShape.test(frame.before) ? frame.before : Buffer.from(frame.before).toString('latin1');
  }

  serve(follower: Follower): void {
    this.#follower = follower;
  }

  /** The protocol's server calls it once, when it is ready. */
  next(): Promise<IteratorResult<never>> {
    return new Promise((resolve, reject) => {
      this.#end = { resolve, reject };
      this.#follower?.start();
    });
  }

  async return(): Promise<IteratorResult<never>> {
    this.#follower?.leave();
    this.#end?.resolve(over);
    return over;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  isReady(): boolean {
    if (this.#state === 'held') return true;
    this.#isWanted = this.#state === 'handing';
    if (this.#state !== 'idle') return false;
    if (this.#connection.tryBeginWriting(this.#running)) {
      this.#state = 'held';
      return true;
    }
    this.#state = 'waiting';
    void this.#connection.beginWriting(this.#running).then(() => {
      this.#state = 'held';
      this.#follower?.goOn();
      // It may have ended, or lost what it had to write.
      if (!this.#follower?.isMaking) this.skip();
    });
    return false;
  }

  skip(): void {
    if (this.#state !== 'held') return;
    this.#state = 'idle';
    this.#connection.endWriting(this.#running);
  }

  messageOf({ body }: LiveEvent): Bytes {
    const { after } = this.frame;
    return typeof body === 'string'
      ? `${this.#before}${body}${after}`
      : Buffer.concat([Buffer.from(this.frame.before), body, Buffer.from(after)]);
  }

  write(_event: LiveEvent, message: Bytes, onHanded: (() => void) | undefined): void {
    this.#onSent(message.length);
    this.#onEventHanded = onHanded;
    this.#state = 'handing';
    this.#isWanted = false;
    const isShort = typeof message === 'string' && message.length < longBytes;
    if (isShort) this.#connection.writeShort(message, this.#onHanded);
    else void this.#connection.write(bytesOf(message)).then(this.#onHanded);
  }

  complete(): void {
    this.#end?.resolve(over);
  }

  fail(error: unknown): void {
    this.#end?.reject(error);
  }
}

function bytesOf(message: Bytes): Buffer {
  return typeof message === 'string' ? Buffer.from(message, 'latin1') : message;
}
