import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Most of the time goes by in processes that tests start, so no core is to be kept free.
    maxWorkers: '100%',
    // Tests that start processes are slow on a busy machine; none waits for real time.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/.groundhog/**', '.ci/**'],
    coverage: {
      provider: 'v8',
      include: ['native/**/*.ts', 'sim/**/*.ts', 'src/**/*.ts', 'reports/**/*.ts'],
    },
  },
});
