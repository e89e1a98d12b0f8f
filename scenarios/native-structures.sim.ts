import { scenario } from 'groundhog';

/** The lock-free structures of native/ds, interleaved at every atomic operation. */
export default scenario({
  name: 'native-structures',
  roles: {
    threads: {
      program: '../src/native/program.ts',
      count: 1,
      args: {
        programs: [
          'treiber-stack',
          'spsc-ring',
          'bounded-queue',
          'mpsc-queue',
          'ms-queue',
          'hazards',
          'epochs',
          'hash-map',
          'skip-list',
          'wait-free-counter',
          'snapshot',
          'wait-free-queue',
        ],
      },
    },
  },
  faults: 'none',
  forMs: 1_000,
});
