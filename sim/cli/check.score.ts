/** The rows `check/…` of `npm run score`: whether the checkers are right, on many small histories. */
import { COMPARISONS, type Comparison } from '../check/oracle/campaign.ts';
import { Random } from '../check/oracle/random.ts';
import type { MeasuredRow, Rows } from '../trace/bench-row.ts';

/** How many histories each checker is given, if the budget allows. */
const HISTORIES = 20_000;
/** They take turns, so that a short budget is shared out. */
const TURN = 250;
/** Not the seeds of the tests. */
const SEED = 1_000;

interface Tally {
  histories: number;
  falseAlarms: number;
  missed: number;
  undecided: number;
}

export async function* rows({ budgetMs }: { readonly budgetMs: number }): Rows {
  const tally: Tally = { histories: 0, falseAlarms: 0, missed: 0, undecided: 0 };
  const randoms = COMPARISONS.map((_, i) => new Random(SEED + i));
  const end = performance.now() + budgetMs;
  for (let done = 0; done < HISTORIES && performance.now() < end; done += TURN) {
    for (const [i, comparison] of COMPARISONS.entries()) compare(comparison, randoms[i]!, tally);
  }
  const { histories } = tally;
  yield row('false-alarms', tally.falseAlarms, histories);
  yield row('missed', tally.missed, histories);
  yield row('undecided', tally.undecided, histories);
}

function compare(comparison: Comparison, random: Random, tally: Tally): void {
  for (let i = 0; i < TURN; i++) {
    const compared = comparison.once(random);
    if (compared === 'open') continue;
    const { verdict, holds } = compared;
    tally.histories++;
    if (verdict === 'unknown') tally.undecided++;
    else if (verdict === 'invalid' && holds) tally.falseAlarms++;
    else if (verdict === 'valid' && !holds) tally.missed++;
  }
}

function row(name: string, raw: number, histories: number): MeasuredRow {
  return {
    name: `check/${name}`,
    raw,
    unit: `of ${histories.toLocaleString('en-US')} histories`,
    better: 'lower',
    scales: 'none',
    target: '0',
    against: 'exhaustive search by the definitions',
  };
}
