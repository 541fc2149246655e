import { defineConfig } from 'vitest/config';

const tests = ['src/**/*.test.ts', 'web/**/*.test.ts', 'test/**/*.test.ts'];
const long = ['src/**/*.long.test.ts', 'test/**/*.long.test.ts'];

const shared = {
  // Ends what hangs, on slow and busy machines too.
  testTimeout: 900_000,
  hookTimeout: 900_000,
  pool: 'forks' as const,
  setupFiles: ['test/setup/exit-code.ts'],
  // The tests read plain text, wherever they run.
  env: { NO_COLOR: '1' },
};

/** Two suites, see docs/testing.md: what `npm test` runs, and what `npm run test:long` runs. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...shared,
          name: 'short',
          include: tests,
          exclude: long,
          // One process a core, each with many files: most of a short file's time was its start.
          isolate: false,
          maxWorkers: '100%',
        },
      },
      {
        test: { ...shared, name: 'long', include: long, globalSetup: ['test/backends/global-setup.ts'] },
      },
    ],
  },
});
