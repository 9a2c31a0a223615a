/**
 * New documents take turns. Parsing and validating one takes about as long as the rest of its request, and nothing else runs meanwhile: a client
 * that sent ever new documents would delay everybody by all of them. Here each turn of the event loop does it for one document, and the callers who
 * wait for it are served round-robin. Documents that are cached never wait.
 */
import { bearerTokenIn } from './bearer-token.ts';
import type { Operation } from './context.ts';
import { publicError } from './errors.ts';

type Waiting = { text: string; begin: () => void };
type Caller = { waiting: Waiting[]; characters: number };

/** Of all documents that wait. A caller may hold at most as many as are free, so that there is space for the next caller. */
const mostCharacters = 16 * 1024 * 1024;

export class DocumentTurns {
  readonly #isCached: (text: string) => boolean;
  /** Only callers who wait, by token, in the order of their next turns. All without a token are one. */
  readonly #callers = new Map<string, Caller>();
  #characters = 0;
  #isTaken = false;

  constructor(isCached: (text: string) => boolean) {
    this.#isCached = isCached;
  }

  /**
   * Undefined: its turn is now.
   *
   * @throws GraphQLError where too many wait.
   */
  turnFor(text: string, { authorizations }: Pick<Operation, 'authorizations'>): Promise<void> | undefined {
    if (this.#isCached(text)) return undefined;
    if (this.#isTaken) return this.#wait(text, bearerTokenIn(authorizations) ?? '');
    this.#isTaken = true;
    setImmediate(this.#onTurn);
    return undefined;
  }

  #wait(text: string, token: string): Promise<void> {
    const caller = this.#callers.get(token) ?? { waiting: [], characters: 0 };
    if (caller.characters + text.length > mostCharacters - this.#characters)
      throw publicError('tooManyNewDocuments', { retryAfterSeconds: 1 });
    const { promise, resolve } = Promise.withResolvers<void>();
    caller.waiting.push({ text, begin: resolve });
    caller.characters += text.length;
    this.#characters += text.length;
    this.#callers.set(token, caller);
    return promise;
  }

  readonly #onTurn = (): void => {
    let next = this.#takeNext();
    // Of many requests with the same document, the first ones have put it into the cache.
    while (next !== undefined && this.#isCached(next.text)) {
      next.begin();
      next = this.#takeNext();
    }
    next?.begin();
    this.#isTaken = next !== undefined;
    if (this.#isTaken) setImmediate(this.#onTurn);
  };

  #takeNext(): Waiting | undefined {
    for (const [token, caller] of this.#callers) {
      const next = caller.waiting.shift() as Waiting;
      caller.characters -= next.text.length;
      this.#characters -= next.text.length;
      // To the end of the order.
      this.#callers.delete(token);
      if (caller.waiting.length > 0) this.#callers.set(token, caller);
      return next;
    }
    return undefined;
  }
}
