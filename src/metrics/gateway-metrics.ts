/**
 * The metrics of one gateway: their series, what counts into them, and the port where they are served.
 */
import type { BytesInFlight } from '../bytes-in-flight.ts';
import type { D7Client } from '../d7/client.ts';
import { type MetricsListener, type MetricsListenerConfig, openMetricsListener } from '../inbound/metrics-listener.ts';
import type { OnRequest } from '../inbound/router.ts';
import type { Telemetry } from '../telemetry.ts';
import type { LiveLogs } from '../viber-log/live-logs.ts';
import { createMeasuredTelemetry } from './measured-telemetry.ts';
import { createMetrics } from './metrics.ts';
import { createRequestMetrics } from './request-metrics.ts';
import type { Snapshot } from './snapshot.ts';
import type { GaugeReaders, GaugeSample } from './table.ts';

/** What the gauges read, when the metrics are fetched. */
export type MetricsParts = { d7: D7Client; liveLogs: LiveLogs; bytesInFlight: BytesInFlight };

export type GatewayMetrics = {
  /** The same telemetry, which also counts. */
  measured: (telemetry: Telemetry) => Telemetry;
  onRequest: OnRequest;
  listen: (parts: MetricsParts) => Promise<MetricsListener>;
  /** In place of `listen`, where another process serves them. */
  reader: (parts: MetricsParts) => () => Promise<Snapshot>;
};

export function createGatewayMetrics(
  config: MetricsListenerConfig,
  onUnexpected: (error: unknown) => void,
): GatewayMetrics {
  const metrics = createMetrics();
  return {
    measured: (telemetry) => createMeasuredTelemetry(telemetry, metrics),
    onRequest: createRequestMetrics(metrics),
    listen(parts) {
      metrics.addGauges(readersOf(parts));
      return openMetricsListener(config, metrics.text, onUnexpected);
    },
    reader(parts) {
      metrics.addGauges(readersOf(parts));
      return metrics.snapshot;
    },
  };
}

function readersOf({ d7, liveLogs, bytesInFlight }: MetricsParts): GaugeReaders {
  return {
    inFlight: () => d7.state().inFlight,
    inFlightLimit: () => d7.state().limit,
    queueLength: () => d7.state().waiting,
    circuits: () => circuitsOf(d7),
    subscriptions: () => liveLogs.open().subscriptions,
    followedLogs: () => liveLogs.open().logs,
    bytesInFlight: () => bytesInFlight.held,
    bytesInFlightLimit: () => bytesInFlight.max,
  };
}

function circuitsOf(d7: D7Client): GaugeSample[] {
  const { sharedCircuit, openCallerCircuits, halfOpenCallerCircuits } = d7.state();
  return [
    { labels: { scope: 'all', state: 'open' }, value: sharedCircuit === 'open' ? 1 : 0 },
    { labels: { scope: 'all', state: 'halfOpen' }, value: sharedCircuit === 'halfOpen' ? 1 : 0 },
    { labels: { scope: 'caller', state: 'open' }, value: openCallerCircuits },
    { labels: { scope: 'caller', state: 'halfOpen' }, value: halfOpenCallerCircuits },
  ];
}
