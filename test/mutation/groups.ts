/** What is mutated, by which tests each mutant is tried, and the score that is wanted of it. The tests are the fast ones that cover it. */

export type Group = {
  files: readonly string[];
  /** As vitest takes them. */
  tests: string;
  leastScore: number;
};

export const groups: Readonly<Record<string, Group>> = {
  policies: {
    files: ['src/d7/retry.ts', 'src/d7/retry-after.ts', 'src/viber-log/freshness.ts', 'src/viber-log/poll-interval.ts'],
    tests: 'policies decoder',
    leastScore: 90,
  },
  caches: {
    files: [
      'src/viber-log/caller-cache.ts',
      'src/viber-log/size-classes.ts',
      'src/graphql/fast-path/response-cache.ts',
    ],
    tests: 'cache-shares shared-reads revocation',
    leastScore: 90,
  },
  'single-flight': { files: ['src/viber-log/single-flight.ts'], tests: 'shared-reads', leastScore: 90 },
  keys: {
    files: ['src/viber-log/caller-key.ts', 'src/graphql/request-id.ts', 'src/graphql/bearer-token.ts'],
    tests: 'identity hazards',
    leastScore: 90,
  },
  fields: {
    files: ['src/graphql/field-check.ts', 'src/graphql/selection.ts'],
    tests: 'fields execution-plan',
    leastScore: 80,
  },
  errors: {
    files: ['src/graphql/response/response-errors.ts', 'src/graphql/mask-error.ts'],
    tests: 'errors bounded-errors',
    leastScore: 80,
  },
  log: { files: ['src/d7/log/*.ts'], tests: 'decoder log-scanner', leastScore: 80 },
};
