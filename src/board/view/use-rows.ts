/** The page of rows that the address names, read again while the log changes. */
import type { Client } from '@urql/core';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { LogData } from '../figures.ts';
import { type RowFilter, type RowPlace, type RowResult, readRows, rowsPerPage } from '../rows.ts';

/** A moving log changes each second; nobody reads rows that fast. */
const refreshMs = 2000;

export function useRows(
  client: Client,
  requestId: string,
  filter: RowFilter,
  place: RowPlace,
  data: LogData | null,
): { result: RowResult | null; isBusy: boolean } {
  const [result, setResult] = useState<RowResult | null>(null);
  const [isBusy, setBusy] = useState(true);
  const version = useThrottled(data, refreshMs, isBusy);
  const question = JSON.stringify([requestId, filter, place]);

  useEffect(() => {
    let isOutdated = false;
    setBusy(true);
    readRows(client, requestId, filter, place, rowsPerPage).then((next) => {
      if (isOutdated) return;
      setResult(next);
      setBusy(false);
    });
    return () => {
      isOutdated = true;
    };
  }, [client, question, version]);

  return { result, isBusy };
}

/** The value, and a newer one at most once in a while, and never while it is held: a slow page would be read again before it came. */
function useThrottled<Value>(value: Value, ms: number, isHeld: boolean): Value {
  const [throttled, setThrottled] = useState(value);
  const latest = useRef(value);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  latest.current = value;
  useEffect(() => {
    if (isHeld || value === throttled || timer.current !== undefined) return;
    timer.current = setTimeout(() => {
      timer.current = undefined;
      setThrottled(latest.current);
    }, ms);
  }, [value, throttled, isHeld]);
  useEffect(() => () => clearTimeout(timer.current), []);
  return throttled;
}
