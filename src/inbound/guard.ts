/**
 * Wraps event listeners so that they cannot throw: an exception in an emitter would end the process. With the guard, a bug closes one
 * client's connection and is logged.
 */
import type { Duplex } from 'node:stream';

export type OnUnexpected = (error: unknown) => void;

export type Guard = ReturnType<typeof createGuard>;

export function createGuard(onUnexpected: OnUnexpected) {
  /** @param socketOf returns the connection to destroy when the listener fails. */
  function guard<Args extends unknown[]>(listener: (...args: Args) => unknown, socketOf: (...args: Args) => Duplex) {
    const fail = (args: Args, error: unknown) => {
      socketOf(...args).destroy();
      onUnexpected(error);
    };
    return (...args: Args): void => {
      try {
        const running = listener(...args);
        if (running instanceof Promise) running.catch((error) => fail(args, error));
      } catch (error) {
        fail(args, error);
      }
    };
  }

  guard.orFalse = <Args extends unknown[]>(test: (...args: Args) => boolean) => {
    return (...args: Args): boolean => {
      try {
        return test(...args);
      } catch (error) {
        onUnexpected(error);
        return false;
      }
    };
  };
  return guard;
}
