/** What is mutated, by which tests each mutant is tried, and the score that is wanted of it. A mutant is tried by those that run its line. */

export type Group = {
  files: readonly string[];
  /** The files of tests, without `.test.ts`, the quickest first. */
  tests: string;
  leastScore: number;
  /** Leaves out what runs only when the modules load, tables and regular expressions: each such mutant takes all tests of the group. */
  ignoreStatic?: true;
};

export const groups: Readonly<Record<string, Group>> = {
  policies: {
    files: [
      'src/d7/retry.ts',
      'src/d7/retry-after.ts',
      'src/d7/circuit.ts',
      'src/d7/concurrency-limit.ts',
      'src/viber-log/freshness.ts',
      'src/viber-log/poll-interval.ts',
    ],
    tests: 'policies retry circuit concurrency-limit',
    leastScore: 90,
  },
  caches: {
    files: [
      'src/viber-log/caller-cache.ts',
      'src/viber-log/cache-partition.ts',
      'src/viber-log/memory-cache.ts',
      'src/viber-log/size-classes.ts',
      'src/viber-log/sealed-result.ts',
      'src/graphql/fast-path/response-cache.ts',
    ],
    tests: 'caller-cache response-cache sealed-result policies',
    leastScore: 90,
  },
  'single-flight': { files: ['src/viber-log/single-flight.ts'], tests: 'single-flight', leastScore: 90 },
  keys: {
    files: [
      'src/viber-log/caller-key.ts',
      'src/viber-log/redis-names.ts',
      'src/graphql/request-id.ts',
      'src/graphql/bearer-token.ts',
    ],
    tests: 'keys identity',
    leastScore: 90,
  },
  decoder: {
    files: [
      'src/d7/log/decoder.ts',
      'src/d7/log/canonical-log.ts',
      'src/d7/log/drift-counts.ts',
      'src/d7/log/decode-fault.ts',
      'src/d7/log/parsed-json.ts',
      'src/d7/log/fields.ts',
      'src/d7/log/status.ts',
      'src/d7/log/timestamp.ts',
    ],
    tests: 'decoder log-scanner random-logs',
    leastScore: 80,
    ignoreStatic: true,
  },
  scanner: {
    files: [
      'src/d7/log/log-scanner.ts',
      'src/d7/log/row-layout.ts',
      'src/d7/log/row-cells.ts',
      'src/d7/log/layout.ts',
      'src/d7/log/words.ts',
    ],
    tests: 'message-list decoder log-scanner',
    leastScore: 80,
    ignoreStatic: true,
  },
  tokens: { files: ['src/d7/log/json-tokens.ts'], tests: 'json-tokens', leastScore: 80 },
  messages: {
    files: ['src/d7/log/message-row.ts', 'src/d7/log/message-list.ts'],
    tests: 'message-list decoder log-scanner',
    leastScore: 80,
    ignoreStatic: true,
  },
  fields: {
    files: ['src/graphql/fields.ts', 'src/graphql/field-check.ts', 'src/graphql/selection.ts'],
    tests: 'fields selection all-fields',
    leastScore: 80,
  },
  errors: {
    files: [
      'src/d7/failures.ts',
      'src/graphql/errors.ts',
      'src/graphql/mask-error.ts',
      'src/graphql/response/response-errors.ts',
    ],
    tests: 'failures public-errors',
    leastScore: 80,
  },
};
