/** The rows `explore/shrink-…` and `explore/explain` of `npm run score`. */
import { findTarget, loadTarget } from '../campaign/targets.ts';
import { count } from '../tell/words.ts';
import type { BenchRow, Rows } from '../trace/bench-row.ts';
import { type ExplainedPair, explainedPair, KNOWN_MISTAKES } from './score/explained-pairs.ts';
import { ratioOf, type ShrunkCase, SMALL_CASES, shrunkCase } from './score/minimal-stories.ts';
import { type ShrunkSeed, shrunkSeeds } from './score/shrunk-seeds.ts';

const CANARIES = ['register-no-write-back', 'bank-no-fencing'];
const FAILING_SEEDS = 50;
const SHRINK_MS = 60_000;

/** With a small budget the rows cover fewer seeds, and say how many. */
export async function* rows({ budgetMs }: { readonly budgetMs: number }): Rows {
  const until = performance.now() + budgetMs;
  yield await sizeRow();
  yield await explainRow();
  yield* seedRows(() => performance.now() < until);
}

async function sizeRow(): Promise<BenchRow> {
  const cases: ShrunkCase[] = [];
  for (const one of SMALL_CASES) cases.push(await shrunkCase(one));
  for (const one of cases.filter(({ left, least }) => left > least)) {
    process.stderr.write(`${one.name}: ${one.left} decisions are left, ${one.least} would do\n`);
  }
  return {
    name: 'explore/shrink-size',
    raw: Math.max(...cases.map(ratioOf)),
    unit: `decisions left over the least possible, the worst of ${cases.length}`,
    better: 'lower',
    scales: 'none',
    target: '<= 1.5',
    against: 'an exhaustive search for the smallest story',
  };
}

async function explainRow(): Promise<BenchRow> {
  const pairs: ExplainedPair[] = [];
  for (const known of KNOWN_MISTAKES) pairs.push(await explainedPair(known));
  for (const { name, named } of pairs.filter(({ touches }) => !touches)) {
    process.stderr.write(`${name}: the pair is elsewhere: ${named}\n`);
  }
  return {
    name: 'explore/explain',
    raw: pairs.filter(({ touches }) => touches).length,
    unit: `of ${pairs.length} pairs touch the mistake`,
    better: 'higher',
    scales: 'none',
    target: '>= 16',
  };
}

async function* seedRows(goesOn: () => boolean): Rows {
  const shrunk: ShrunkSeed[] = [];
  for (const [place, name] of CANARIES.entries()) {
    const { subject } = await loadTarget(await findTarget(name, process.cwd()));
    const left = FAILING_SEEDS - shrunk.length;
    const countMax = Math.ceil(left / (CANARIES.length - place));
    for await (const one of shrunkSeeds(subject, { countMax, forMs: SHRINK_MS, goesOn })) {
      shrunk.push(one);
      if (!one.same) process.stderr.write(`${name}: the story of seed ${one.seed} slipped\n`);
    }
  }
  const of = `of ${shrunk.length} of ${FAILING_SEEDS} failing seeds`;
  if (shrunk.length === 0) {
    yield { name: 'explore/shrink-signature', skipped: 'no time was left for a seed' };
    yield { name: 'explore/shrink-time', skipped: 'no time was left for a seed' };
    return;
  }
  const lefts = shrunk.map(({ left }) => left).sort((a, b) => a - b);
  const ofs = shrunk.map((one) => one.of).sort((a, b) => a - b);
  yield {
    name: 'explore/shrink-signature',
    raw: (100 * shrunk.filter(({ same }) => same).length) / shrunk.length,
    unit: `% ${of} keep their signature`,
    better: 'higher',
    scales: 'none',
    target: '100',
    against: `${count(median(lefts))} decisions are left of ${count(median(ofs))}, both medians`,
  };
  yield {
    name: 'explore/shrink-time',
    raw: Math.max(...shrunk.map(({ wallMs }) => wallMs)) / 1000,
    unit: `s, the longest ${of}`,
    better: 'lower',
    scales: 'time',
    target: '<= 60',
  };
}

function median(sorted: readonly number[]): number {
  return sorted[sorted.length >> 1]!;
}
