import { scenario } from 'groundhog';

/** A canary: a relaxed flag does not publish data. */
export default scenario({
  name: 'native-message-passing-relaxed',
  roles: {
    threads: {
      program: '../src/native/program.ts',
      count: 1,
      args: { programs: ['message-passing-relaxed'] },
    },
  },
  faults: 'none',
  forMs: 1_000,
  expect: 'violated',
});
