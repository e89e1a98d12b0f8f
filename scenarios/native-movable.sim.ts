import { scenario } from 'groundhog';

/** A pool one of whose threads moves blocks while its caller's calls are under way. */
export default scenario({
  name: 'native-movable',
  roles: {
    cards: {
      program: '../src/native/cards.ts',
      count: 1,
      args: { operations: 60, late: false },
    },
  },
  faults: 'none',
  forMs: 1_000,
});
