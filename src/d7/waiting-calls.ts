/**
 * The calls that wait in the fair queue: one queue for each caller and priority, and the order in which they are served.
 *
 * Callers are served round-robin. Interactive calls precede polls, which still get one turn in ten.
 */
import { LinkedList } from '../linked-list.ts';
import type { CallerQueue, CallerState, QueuedCall } from './caller-states.ts';

/** While polls wait, one turn in so many is theirs. */
const turnsPerPoll = 10;

export class WaitingCalls {
  /** The callers with calls that wait, by priority, in the order of their turns. */
  readonly #interactive = new LinkedList<CallerQueue>();
  readonly #polls = new LinkedList<CallerQueue>();
  #length = 0;
  #turnsSincePoll = 0;

  get length(): number {
    return this.#length;
  }

  get interactiveCallers(): number {
    return this.#interactive.length;
  }

  add(call: QueuedCall, caller: CallerState): void {
    const isPoll = call.priority === 'poll';
    const queue = isPoll ? caller.polls : caller.interactive;
    queue.calls.push(call);
    this.#length += 1;
    if (queue.list === undefined) (isPoll ? this.#polls : this.#interactive).push(queue);
  }

  remove(call: QueuedCall, queue: CallerQueue): void {
    queue.calls.remove(call);
    this.#length -= 1;
    if (queue.calls.length === 0) queue.list?.remove(queue);
  }

  /** Both lists of callers, first the one whose turn it is. */
  inOrderOfTurn(): readonly [LinkedList<CallerQueue>, LinkedList<CallerQueue>] {
    const isTurnOfPolls = this.#turnsSincePoll >= turnsPerPoll - 1;
    return isTurnOfPolls ? [this.#polls, this.#interactive] : [this.#interactive, this.#polls];
  }

  /** Removes the first call of a caller, who moves to the end of its list. */
  take(queue: CallerQueue): QueuedCall {
    const queues = queue.list as LinkedList<CallerQueue>;
    const call = queue.calls.first as QueuedCall;
    this.remove(call, queue);
    if (queue.list !== undefined) queues.moveToEnd(queue);
    this.#turnsSincePoll = queues === this.#polls ? 0 : this.#turnsSincePoll + 1;
    return call;
  }
}
