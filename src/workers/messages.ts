/**
 * What the primary and its workers tell each other.
 */
import type { Environment } from '../environment.ts';
import type { BoardHints } from '../inbound/board-files.ts';
import type { GraphiQLOptions } from '../inbound/graphiql.ts';
import type { Snapshot } from '../metrics/snapshot.ts';

/** The first message to a worker: what it opens its gateway with. */
export type StartMessage = {
  type: 'start';
  environment: Environment;
  /** The port that all workers share. */
  port: number;
  /** One caller has one key in all workers. */
  callerSecret: string;
  graphiql: GraphiQLOptions;
  board?: BoardHints;
};

/** D7 has rejected the token of this caller, at one worker. */
type RejectedMessage = { type: 'rejected'; callerKey: string };

export type ToWorker =
  | StartMessage
  | RejectedMessage
  | { type: 'readMetrics' }
  /** @param isReplaced by a new worker: the machine is still ready. */
  | { type: 'drain'; isReplaced: boolean };

export type FromWorker =
  | RejectedMessage
  | { type: 'listening'; url: string }
  /** It could not start. */
  | { type: 'failed'; fault: string }
  /** The answer to `readMetrics`, and once more before the worker ends. */
  | { type: 'metrics'; snapshot: Snapshot };
