import { scenario } from 'groundhog';

/** A canary: release and acquire where only seq_cst keeps two threads apart. */
export default scenario({
  name: 'native-store-buffering',
  roles: {
    threads: {
      program: '../src/native/program.ts',
      count: 1,
      args: { programs: ['store-buffering-acq-rel'] },
    },
  },
  faults: 'none',
  forMs: 1_000,
  expect: 'violated',
});
