import { defineConfig } from 'vitest/config';

/** These hold processor time or memory against a bound, so each has a process of its own. */
const measuring = [
  'test/http/pathological-queries.test.ts',
  'test/pocket/fixture/cost.test.ts',
  'test/pocket/fixture/month.test.ts',
  'test/ruler/day.test.ts',
  'test/fuzz/decoders.test.ts',
];

export default defineConfig({
  test: {
    setupFiles: ['test/setup.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    projects: [
      // No file leaves anything behind that another would find, and loading everything anew for each takes as long as the tests.
      { extends: true, test: { name: 'all', include: ['test/**/*.test.ts'], exclude: measuring, isolate: false } },
      { extends: true, test: { name: 'measuring', include: measuring, sequence: { groupOrder: 1 } } },
    ],
  },
});
