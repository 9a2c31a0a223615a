/** A value that views can watch. */
import { useEffect, useState } from 'preact/hooks';

export type Observable<Value> = {
  get: () => Value;
  set: (next: Value) => void;
  /** @returns how to stop watching. */
  watch: (listener: () => void) => () => void;
};

export function observable<Value>(initial: Value): Observable<Value> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of listeners) listener();
    },
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The current value, and a new rendering after each change. */
export function useValue<Value>(source: Observable<Value>): Value {
  const [, render] = useState({});
  useEffect(() => source.watch(() => render({})), [source]);
  return source.get();
}
