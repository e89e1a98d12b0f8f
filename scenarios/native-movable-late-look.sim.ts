import { scenario } from 'groundhog';

/** A canary: a look at a block after it was unpinned, which the pool's thread may have moved by then. */
export default scenario({
  name: 'native-movable-late-look',
  roles: {
    cards: {
      program: '../src/native/cards.ts',
      count: 1,
      args: { operations: 60, late: true },
    },
  },
  faults: 'none',
  forMs: 1_000,
  expect: 'violated',
});
