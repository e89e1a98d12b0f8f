import { scenario } from 'groundhog';
import { registerIsLinearizable } from '../properties/register-is-linearizable.ts';

/** The multi-writer quorum register under every kind of fault: a majority keeps it atomic. */
export default scenario({
  name: 'register',
  roles: {
    replica: { program: '../src/register/replica.ts', count: 5 },
    client: {
      program: '../src/register/client.ts',
      count: 8,
      args: { operations: 25, thinkMs: 40, writeBack: true },
      workload: ['operations'],
    },
  },
  faults: 'swarm',
  forMs: 60_000,
  check: registerIsLinearizable,
});
