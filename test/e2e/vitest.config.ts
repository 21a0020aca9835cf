import { defineConfig } from 'vitest/config';

/** These watch servers for minutes, which need little of the machine meanwhile. */
const watching = ['prometheus', 'remote-write-v2', 'rules', 'native-histograms'].map(
  (name) => `test/e2e/${name}.e2e.ts`,
);

export default defineConfig({
  test: {
    globalSetup: ['test/e2e/build.ts'],
    projects: [
      {
        extends: true,
        test: { name: 'watching', include: watching, maxWorkers: watching.length, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: {
          name: 'measuring',
          include: ['test/e2e/**/*.e2e.ts'],
          exclude: watching,
          // The files measure time and load two cores each: one after another.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
    testTimeout: 60_000,
    hookTimeout: 180_000,
    // Titles carry whole queries.
    chaiConfig: { truncateThreshold: 200 },
  },
});
