import type { Threads } from '../env/threads.ts';

/** Threads over shared cells have no driver on real machines. */
export const NO_THREADS: Threads = {
  spawn(name) {
    throw new Error(`env.threads is not there live: '${name}' was not started`);
  },
};
