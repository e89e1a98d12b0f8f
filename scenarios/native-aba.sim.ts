import { scenario } from 'groundhog';

/** A canary: heads without tags: a block that was popped and pushed back is taken twice. */
export default scenario({
  name: 'native-aba',
  roles: {
    threads: {
      program: '../src/native/program.ts',
      count: 1,
      args: { programs: ['treiber-stack-untagged'] },
    },
  },
  faults: 'none',
  forMs: 1_000,
  expect: 'violated',
});
