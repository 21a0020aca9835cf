import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // No file leaves anything behind that another would find, and loading everything anew for each takes as long as the tests.
    isolate: false,
  },
});
