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
    // The browser is the slowest part; on a busy machine it takes its time.
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
