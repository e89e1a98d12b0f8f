import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', '**/.groundhog/**', '.ci/**'],
    coverage: {
      provider: 'v8',
      include: ['native/**/*.ts', 'sim/**/*.ts', 'src/**/*.ts', 'reports/**/*.ts'],
    },
  },
});
