import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/e2e/**/*.e2e.ts'],
    globalSetup: ['test/e2e/build.ts'],
    testTimeout: 60_000,
    hookTimeout: 180_000,
    // The files measure time and load two cores each: one after another.
    fileParallelism: false,
    // Titles carry whole queries.
    chaiConfig: { truncateThreshold: 200 },
  },
});
