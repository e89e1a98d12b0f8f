import { defineConfig } from 'vitest/config';

const NEVER = ['**/node_modules/**', '**/dist/**', '**/.groundhog/**', '.ci/**'];

/**
 * Rooms of functions, and of commands, which are run in processes of their own: their tests leave a process
 * as they found it and replace no module, so that all may share one.
 */
const SHARING = [
  ...['check', 'choice', 'disk', 'env', 'fault', 'net', 'sched', 'time', 'trace'],
  ...['campaign', 'debug', 'explain', 'explore', 'scenario', 'shrink', 'tell'],
  ...['cli', 'vitest'],
].map((room) => `sim/${room}/**/*.test.ts`);

export default defineConfig({
  test: {
    // Most of the time goes by in processes that tests start, so no core is to be kept free.
    maxWorkers: '100%',
    // Tests that start processes are slow on a busy machine; none waits for real time.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    exclude: NEVER,
    coverage: {
      provider: 'v8',
      include: ['native/**/*.ts', 'sim/**/*.ts', 'src/**/*.ts', 'reports/**/*.ts'],
    },
    projects: [
      { extends: true, test: { name: 'sharing', include: SHARING, isolate: false } },
      {
        extends: true,
        test: {
          name: 'alone',
          include: ['**/*.test.ts'],
          exclude: [...NEVER, ...SHARING],
        },
      },
    ],
  },
});
