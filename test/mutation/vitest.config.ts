import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import tests from '../vitest.config.ts';

/** Those of one group (run.ts). */
const files = (process.env.MUTATION_TESTS ?? '').split(' ').map((test) => `${test}.test.ts`);

/** As the group lists them, the quickest first: a mutant that one of them notices is not tried by the others. */
class InOrder extends BaseSequencer {
  override sort(specifications: TestSpecification[]) {
    const place = ({ moduleId }: TestSpecification) => files.findIndex((file) => moduleId.endsWith(`/${file}`));
    return Promise.resolve(specifications.toSorted((one, other) => place(one) - place(other)));
  }
}

/** A mutant that hangs has to be noticed soon. */
export default defineConfig({
  test: {
    ...tests.test,
    include: files.map((file) => `**/${file}`),
    sequence: { sequencer: InOrder },
    expect: { poll: { timeout: 4000 } },
    testTimeout: 10_000,
  },
});
