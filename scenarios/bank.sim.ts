import { scenario } from 'groundhog';
import { sumIsConserved } from '../properties/sum-is-conserved.ts';

/** Transfers between five vaults under a lock with leases: the tokens keep late writers out. */
export default scenario({
  name: 'bank',
  roles: {
    lock: { program: '../src/bank/lock.ts', args: { leaseMs: 300 } },
    vault: { program: '../src/bank/vault.ts', count: 5, args: { initial: 100, fencing: true } },
    teller: {
      program: '../src/bank/teller.ts',
      count: 4,
      args: { operations: 15, thinkMs: 40 },
      workload: ['operations'],
    },
  },
  faults: 'swarm',
  forMs: 60_000,
  check: sumIsConserved(500),
});
