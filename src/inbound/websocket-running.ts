/**
 * What the operations of one WebSocket know of its connection.
 */
import type { TraceContext } from '../d7/call-span.ts';
import type { Operation } from '../graphql/context.ts';

/** One client's connection. */
export type Connection = {
  /** Of the request that opened it: a router puts the token there. */
  authorizations: readonly string[];
  trace: TraceContext;
  clientName: string | undefined;
  isClosed: boolean;
  /** Aborted when it is closed. */
  signal: AbortSignal;
  /** Called with the id of each operation before anything of it is done. */
  begin: (id: string) => Running;
  becomeStream: (operation: Running) => void;
  /** Resolves when the client has read most of what was written for it. Other results wait until the message of this one is sent. */
  beginWriting: (operation: Running) => Promise<void>;
  /** The same at once, where nothing is to be waited for. */
  tryBeginWriting: (operation: Running) => boolean;
  endWriting: (operation: Running) => void;
  /** Resolves when the client's socket has taken the message. */
  write: (message: Buffer) => Promise<void>;
  /** The same for a text of one byte in each character, with less than 64 KB. */
  writeShort: (text: string, onHanded: () => void) => void;
  /** Messages that are written already, by the key that the protocol's server sends in their place. */
  written: Map<string, WrittenMessage> | undefined;
};

export type WrittenMessage = { message: Buffer; running: Running };

/** An operation of a connection: its id there, whether it turned out to be a subscription, and whether its result is written. */
export type Running = {
  id: string;
  isStream: boolean;
  isWriting: boolean;
  /** Once its payload is read. */
  operation: Operation | undefined;
  /** Of a subscription, which ends at the latest with its connection. */
  stream: AsyncIterator<unknown> | undefined;
};
