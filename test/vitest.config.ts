import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    dir: 'test',
    include: ['**/*.test.ts'],
    // The tests load the modules as `npm start` does: by Node itself, types stripped. Vite's own resolution would take
    // the other of graphql's two builds, and errors of the one are strangers to the other.
    experimental: { viteModuleRunner: false },
    // What is polled for comes when it comes; a busy machine is no failure.
    expect: { poll: { timeout: 10_000 } },
    // Most tests wait for something, so two files at once take half the time on two cores. By itself Vitest would run one.
    maxWorkers: 2,
    // The browser is the slowest part; on a busy machine it takes its time.
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
