import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// What is too slow for `npm test`: it asks the registry.
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('.', import.meta.url)),
    hookTimeout: 300_000,
    testTimeout: 300_000,
  },
});
