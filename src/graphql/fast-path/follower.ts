/**
 * One follower of a live log: takes each update when its transport can write, and writes the event of it, unless that would repeat the
 * one before. A follower that reads slowly gets the latest state, and misses earlier ones.
 */
import type { LiveStream } from '../../viber-log/live-log.ts';
import type { Operation, OperationContext } from '../context.ts';
import { type LogOperation, noteEvent } from '../operation-log.ts';
import type { Bytes } from '../response/json-writer.ts';
import type { PendingResponse } from '../response/pending-response.ts';
import type { Frame, Responses } from '../response/responses.ts';
import { takeTurn } from './follower-turns.ts';
import type { LiveEvent, LiveEvents } from './live-events.ts';

/** Where a transport writes the events. */
export type EventOutput = {
  /** Called once, before all else. @param follower writes here. */
  serve: (follower: Follower) => void;
  /** Whether an event can be written now. Otherwise it calls `goOn` once it can. */
  isReady: () => boolean;
  /** It was ready for nothing. */
  skip: () => void;
  /** Around each event, and counted with it. */
  frame: Frame;
  messageOf: (event: LiveEvent) => Bytes;
  /**
   * @param message of the event, or what stands in its place.
   * @param onHanded is to be called once the socket has it.
   */
  write: (event: LiveEvent, message: Bytes, onHanded: (() => void) | undefined) => void;
  /** The log is final, or the subscription has lasted for long. */
  complete: () => void;
  /** A bug of ours. */
  fail: (error: unknown) => void;
};

export type FollowerParts = {
  events: LiveEvents;
  responses: Responses;
  onEvent: () => void;
  logOperation: LogOperation;
};

const noCodes: readonly string[] = [];

export class Follower {
  readonly #stream: LiveStream;
  readonly #token: string;
  readonly #operation: Operation;
  readonly #response: PendingResponse;
  /** Until D7 has accepted the token. */
  #context: OperationContext | undefined;
  readonly #output: EventOutput;
  readonly #parts: FollowerParts;
  #last: string | null = null;
  #isMaking = false;
  #hasEnded = false;

  constructor(stream: LiveStream, token: string, context: OperationContext, output: EventOutput, parts: FollowerParts) {
    this.#stream = stream;
    this.#token = token;
    this.#operation = context.operation;
    this.#response = context.response;
    this.#context = context;
    this.#output = output;
    this.#parts = parts;
    output.serve(this);
  }

  get isMaking(): boolean {
    return this.#isMaking;
  }

  start(): void {
    this.#stream.readBy(this);
  }

  onReadable(): void {
    takeTurn(this);
  }

  goOn(): void {
    try {
      while (this.#canTake()) this.#take();
      if (this.#stream.hasEnded && !this.#stream.hasUnread && !this.#isMaking) this.#complete();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The client has disconnected, or wants no more. */
  leave(): void {
    this.#response.end();
    if (this.#hasEnded) return;
    this.#end();
    void this.#stream.return();
  }

  #canTake(): boolean {
    return !this.#hasEnded && !this.#isMaking && this.#stream.hasUnread && this.#output.isReady();
  }

  #take(): void {
    const update = this.#stream.take();
    if (update === undefined) return;
    const event = this.#parts.events.eventOf(update, this.#token, this.#operation);
    if (!(update instanceof Error)) this.#onAccepted();
    if (event instanceof Promise) this.#sendLater(event);
    else this.#send(event);
  }

  #sendLater(making: Promise<LiveEvent>): void {
    this.#isMaking = true;
    const onMade = (event: LiveEvent) => {
      this.#isMaking = false;
      if (this.#hasEnded) {
        this.#output.skip();
        return;
      }
      this.#send(event);
      this.goOn();
    };
    making.then(onMade).catch((error) => this.#fail(error));
  }

  #send(event: LiveEvent): void {
    const { fingerprint } = event;
    if (fingerprint !== null && fingerprint === this.#last) {
      this.#output.skip();
      return;
    }
    this.#last = fingerprint;
    const { onEvent, responses } = this.#parts;
    // What it holds is shared; a refusal may stand in its place.
    const message = this.#output.messageOf(event);
    const { body, codes } = responses.writeAgain(message, this.#response, this.#output.frame);
    onEvent();
    if (noteEvent(this.#operation, body.length, body === message ? event.codes : codes)) this.#repeat();
    this.#output.write(event, body, this.#response.isHolding ? this.#releaser() : undefined);
  }

  #repeat(): void {
    this.#last = null;
    this.#stream.repeat();
  }

  /** Unless a later event is held by then. */
  #releaser(): () => void {
    const { bodyBytes } = this.#operation;
    return () => {
      if (this.#operation.bodyBytes === bodyBytes) this.#response.handedOver();
    };
  }

  #onAccepted(): void {
    this.#context?.onAccepted();
    this.#context = undefined;
  }

  #complete(): void {
    if (this.#hasEnded) return;
    this.#end();
    this.#output.complete();
  }

  #fail(error: unknown): void {
    if (this.#hasEnded) return;
    this.leave();
    this.#output.fail(error);
  }

  #end(): void {
    this.#hasEnded = true;
    this.#parts.logOperation(this.#operation, this.#operation.eventCodes ?? noCodes);
  }
}
