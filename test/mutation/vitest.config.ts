import { defineConfig } from 'vitest/config';
import tests from '../vitest.config.ts';

/** Of one group (run.ts). A mutant that hangs has to be noticed soon. */
export default defineConfig({
  test: {
    ...tests.test,
    include: (process.env.MUTATION_TESTS ?? '').split(' ').map((test) => `**/${test}.test.ts`),
    expect: { poll: { timeout: 4000 } },
    testTimeout: 10_000,
  },
});
