import type { Check } from 'groundhog';
import type { History } from 'groundhog/check';

/** However transfers interleave or break off, all balances read together have the same sum. */
export function sumIsConserved(total: number): Check {
  return (run) => {
    for (const { name, outcome, output, process } of run.history) {
      if (name !== 'read-all' || outcome !== 'ok') continue;
      const balances = output as readonly number[];
      const sum = balances.reduce((all, balance) => all + balance, 0);
      if (sum === total) continue;
      const all = balances.join(' + ');
      throw new Error(
        `${process} read balances whose sum is not the total: ${all} = ${sum}, not ${total}`,
      );
    }
    return undefined;
  };
}

/** Money that came from nowhere: the check rejects it for a total of 200. */
export const oneTooMany: History = [
  {
    process: 'a',
    name: 'read-all',
    input: null,
    outcome: 'ok',
    output: [100, 101],
    called: 0,
    returned: 1,
  },
];
