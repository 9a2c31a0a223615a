/**
 * The table of metrics: name, kind, labels and meaning of each. Names follow OpenTelemetry's conventions as Prometheus spells them
 * (`http.server.request.duration` is `http_server_request_duration_seconds`), and have the prefix `gateway_` where there is none.
 *
 * No label has a value that a caller or D7 chooses. prom-client adds the figures of the process (`process_…`, `nodejs_…`).
 */

/** In seconds: from a cached response to the longest operation. */
const durations = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] as const;

export const counters = {
  operations: {
    name: 'graphql_server_operations_total',
    help: 'Operations by type, by the name in the trusted document, and by their first error code, which is OK for none.',
    labels: ['graphql_operation_type', 'graphql_operation_name', 'code'],
  },
  events: {
    name: 'graphql_server_subscription_events_total',
    help: 'Events that subscriptions sent.',
    labels: [],
  },
  responseBytes: {
    name: 'graphql_server_response_bytes_total',
    help: 'Bytes of responses and events before compression.',
    labels: ['transport'],
  },
  sentBytes: {
    name: 'graphql_server_response_sent_bytes_total',
    help: 'Bytes of responses and events after compression.',
    labels: ['transport'],
  },
  reads: {
    name: 'gateway_log_reads_total',
    help: 'Results of logs by where they came from (response: a cached response; shared: the call of another read) and by their kind.',
    labels: ['source', 'kind'],
  },
  rejections: {
    name: 'gateway_d7_calls_not_sent_total',
    help: 'Calls that were not sent to D7, by reason.',
    labels: ['reason'],
  },
  rateLimited: {
    name: 'gateway_rate_limited_operations_total',
    help: 'Operations that a rate limit of the gateway has rejected, by whose limit it is: that of the caller, or the total.',
    labels: ['reason'],
  },
  retries: {
    name: 'gateway_d7_retries_total',
    help: 'Attempts that followed a failed one.',
    labels: [],
  },
  circuitChanges: {
    name: 'gateway_d7_circuit_changes_total',
    help: 'Changes of circuits, by the new state.',
    labels: ['scope', 'state'],
  },
  polls: {
    name: 'gateway_polls_total',
    help: 'Polls of followed logs.',
    labels: [],
  },
  schemaDrift: {
    name: 'gateway_d7_schema_drift_values_total',
    help: 'Values of D7 that deviate from its documentation, by field.',
    labels: ['field'],
  },
  redisLosses: {
    name: 'gateway_redis_losses_total',
    help: 'How often Redis became unavailable.',
    labels: [],
  },
  unexpectedErrors: {
    name: 'gateway_unexpected_errors_total',
    help: 'Bugs of the gateway.',
    labels: [],
  },
} as const satisfies Record<string, MetricRow>;

export const histograms = {
  requestDuration: {
    name: 'http_server_request_duration_seconds',
    help: 'HTTP requests by route and status, from their headers to the end of the response, or of the connection.',
    labels: ['http_route', 'http_response_status_code'],
    buckets: durations,
  },
  operationDuration: {
    name: 'graphql_server_operation_duration_seconds',
    help: 'Operations by type. That of a subscription is as long as it is open.',
    labels: ['graphql_operation_type'],
    buckets: durations,
  },
  attemptDuration: {
    name: 'http_client_request_duration_seconds',
    help: 'Attempts that were sent to D7, without their time in the queue, by outcome and by the class of the status, which is none without a response.',
    labels: ['outcome', 'http_response_status_class'],
    buckets: durations,
  },
  queueDuration: {
    name: 'gateway_d7_queue_duration_seconds',
    help: 'The time in the queue of the attempts that were sent to D7.',
    labels: [],
    buckets: durations,
  },
} as const satisfies Record<string, MetricRow & { buckets: readonly number[] }>;

export const gauges = {
  inFlight: { name: 'gateway_d7_calls_in_flight', help: 'Calls to D7 in flight.', labels: [] },
  inFlightLimit: {
    name: 'gateway_d7_calls_in_flight_limit',
    help: 'The number of calls in flight that D7 sustains.',
    labels: [],
  },
  queueLength: { name: 'gateway_d7_queue_length', help: 'Calls in the queue.', labels: [] },
  circuits: {
    name: 'gateway_d7_circuits',
    help: 'Circuits that are open or half-open: the one of all callers, and those of single callers.',
    labels: ['scope', 'state'],
  },
  subscriptions: { name: 'gateway_subscriptions', help: 'Open subscriptions.', labels: [] },
  followedLogs: { name: 'gateway_followed_logs', help: 'Logs that subscriptions follow.', labels: [] },
  bytesInFlight: { name: 'gateway_bytes_in_flight', help: 'Bytes that operations hold.', labels: [] },
  bytesInFlightLimit: { name: 'gateway_bytes_in_flight_limit', help: 'MAX_BYTES_IN_FLIGHT.', labels: [] },
} as const satisfies Record<string, MetricRow>;

/** Of the primary of several workers: one gateway alone has neither. */
export const ofWorkers = {
  ends: {
    name: 'gateway_worker_ends_total',
    help: 'Workers that ended without being asked to. Another one is started for each.',
    labels: [],
  },
  running: { name: 'gateway_workers', help: 'Workers that listen.', labels: [] },
} as const satisfies Record<string, MetricRow>;

export type MetricRow = { name: string; help: string; labels: readonly string[] };
export type HistogramRow = MetricRow & { buckets: readonly number[] };
export type GaugeSample = { labels: Readonly<Record<string, string>>; value: number };
/** How each gauge is read when the metrics are fetched. */
export type GaugeReaders = { readonly [Gauge in keyof typeof gauges]: () => number | readonly GaugeSample[] };
