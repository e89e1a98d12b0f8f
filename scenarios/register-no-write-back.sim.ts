import { scenario } from 'groundhog';
import { registerIsLinearizable } from '../properties/register-is-linearizable.ts';

/** A canary: without the read's write-back, a later read may return an older value. */
export default scenario({
  name: 'register-no-write-back',
  roles: {
    replica: { program: '../src/register/replica.ts', count: 5 },
    client: {
      program: '../src/register/client.ts',
      count: 8,
      args: { operations: 25, thinkMs: 40, writeBack: false },
      workload: ['operations'],
    },
  },
  faults: 'swarm',
  forMs: 60_000,
  expect: 'violated',
  check: registerIsLinearizable,
});
