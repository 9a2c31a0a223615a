/**
 * Counts HTTP requests by route and status when they end. It is given what the router knows, and no path of a client.
 */
import type { ServerResponse } from 'node:http';
import type { OnRequest } from '../inbound/router.ts';
import type { Metrics } from './metrics.ts';
import type { Histogram } from './series.ts';

/** Set on the response itself: a closure, or an entry in a map, for each request would cost more than the rest of its metrics. */
type Timed = ServerResponse & { startedMs?: number; route?: string };

export function createRequestMetrics({ histograms: { requestDuration } }: Metrics): OnRequest {
  const byStatus = new Map<string, Map<number, Histogram>>();

  function of(route: string, status: number): Histogram {
    const known = byStatus.get(route)?.get(status);
    if (known) return known;
    const histogram = requestDuration.of(route, String(status));
    byStatus.set(route, (byStatus.get(route) ?? new Map()).set(status, histogram));
    return histogram;
  }

  function onClose(this: Timed): void {
    const { startedMs, route, statusCode } = this;
    if (startedMs === undefined || route === undefined) return;
    of(route, statusCode).observe((performance.now() - startedMs) / 1000);
  }

  return (response: Timed, route, startedMs) => {
    response.startedMs = startedMs;
    response.route = route;
    response.on('close', onClose);
  };
}
