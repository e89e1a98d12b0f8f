import { scenario } from 'groundhog';

/** A pool whose threads wipe and refill while its caller's calls are under way. */
export default scenario({
  name: 'native-pool',
  roles: {
    notes: {
      program: '../src/native/notes.ts',
      count: 1,
      args: { operations: 60, late: false },
    },
  },
  faults: 'none',
  forMs: 1_000,
});
