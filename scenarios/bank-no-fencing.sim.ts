import { scenario } from 'groundhog';
import { sumIsConserved } from '../properties/sum-is-conserved.ts';

/** A canary: whoever believes in a lease that has ended writes over what its successor did. */
export default scenario({
  name: 'bank-no-fencing',
  roles: {
    lock: { program: '../src/bank/lock.ts', args: { leaseMs: 300 } },
    vault: { program: '../src/bank/vault.ts', count: 5, args: { initial: 100, fencing: false } },
    teller: {
      program: '../src/bank/teller.ts',
      count: 4,
      args: { operations: 15, thinkMs: 40 },
      workload: ['operations'],
    },
  },
  faults: 'swarm',
  forMs: 60_000,
  expect: 'violated',
  check: sumIsConserved(500),
});
