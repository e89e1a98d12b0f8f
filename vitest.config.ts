import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
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
