import { scenario } from 'groundhog';

/** A canary: a look at a block after its free, which the pool's thread may have wiped by then. */
export default scenario({
  name: 'native-pool-late-look',
  roles: {
    notes: {
      program: '../src/native/notes.ts',
      count: 1,
      args: { operations: 60, late: true },
    },
  },
  faults: 'none',
  forMs: 1_000,
  expect: 'violated',
});
