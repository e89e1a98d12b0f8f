/** The rows `native/…` of `npm run bench`. */

import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchRow, Rows } from '../../sim/trace/bench-row.ts';
import { type Arm, armOf, inRounds, libraryPath, ROOT, scriptArm } from './arms.ts';

const ROUNDS = 5;
const SECONDS = '0.3';

export async function* rows(): Rows {
  yield* await allocatorRows();
  yield* await defragRows();
  yield* scriptRows();
  yield* await engineRows();
  yield* await lockRows();
  yield await buildRow();
}

interface Load {
  readonly row: string;
  readonly load: string;
  readonly arm: 'plain' | 'guarded';
  readonly better: 'higher' | 'lower';
  readonly target: string;
}

const RATE = { better: 'higher' } as const;
const TIME = { better: 'lower' } as const;

const LOADS: readonly Load[] = [
  { row: 'larson-1', load: 'larson-1', arm: 'plain', ...RATE, target: '>= 1.0' },
  { row: 'larson-2', load: 'larson-2', arm: 'plain', ...RATE, target: '>= 1.1' },
  { row: 'larson-1-canaries', load: 'larson-1', arm: 'guarded', ...RATE, target: '>= 0.70' },
  { row: 'larson-2-canaries', load: 'larson-2', arm: 'guarded', ...RATE, target: '>= 0.75' },
  {
    row: 'producer-consumer',
    load: 'producer-consumer',
    arm: 'plain',
    ...RATE,
    target: '>= 2.0',
  },
  {
    row: 'producer-consumer-canaries',
    load: 'producer-consumer',
    arm: 'guarded',
    ...RATE,
    target: '>= 1.5',
  },
  { row: 'cross-free', load: 'cross-free', arm: 'plain', ...RATE, target: '>= 0.9' },
  { row: 'mixed', load: 'mixed', arm: 'plain', ...TIME, target: '<= 0.9' },
  { row: 'pair', load: 'pair', arm: 'plain', ...TIME, target: '<= 0.8' },
  { row: 'medium', load: 'medium', arm: 'plain', ...RATE, target: '>= 1.5' },
];

/** Ratios to mimalloc in the same round. */
async function* allocatorRows(): Rows {
  const args = [SECONDS];
  const arms = {
    plain: await armOf('pool_arm', { args }),
    guarded: await armOf('guarded_arm', { args }),
  };
  const preload = libraryPath('libmimalloc.so.2');
  const peer = preload && (await armOf('malloc_arm', { args, preload }));
  for (const { row, load, arm, better, target } of LOADS) {
    const name = `native/${row}`;
    if (!peer) {
      yield { name, skipped: 'mimalloc is not there (Debian: apt install libmimalloc2.0)' };
      continue;
    }
    yield {
      name,
      raw: inRounds(ROUNDS, load, [peer, arms[arm]], ([theirs, ours]) => ours![0]! / theirs![0]!),
      unit: better === 'higher' ? 'of mimalloc' : "of mimalloc's time",
      better,
      scales: 'none',
      target,
      against: 'mimalloc',
    };
  }
  yield {
    name: 'native/mixed-memory',
    raw: inRounds(1, 'mixed', [arms.plain], ([ours]) => ours![1]!),
    unit: 'resident over live',
    better: 'lower',
    scales: 'none',
    target: '<= 1.12',
  };
}

const DEFRAG = [
  { name: 'defrag-resident', unit: 'resident over live', better: 'lower', target: '<= 1.05' },
  { name: 'defrag-rate', unit: 'GB/s moved', better: 'higher', target: '>= 3' },
  { name: 'defrag-pause', unit: 'ms, the longest step', better: 'lower', target: '<= 1' },
] as const;

async function* defragRows(): Rows {
  const arm = await armOf('defrag_arm');
  for (const [at, { name, ...row }] of DEFRAG.entries()) {
    const raw = inRounds(3, 'defrag', [arm], ([numbers]) => numbers![at]!);
    // The arm's clock leaves out what other processes take; a speed by the wall clock does not fit.
    yield { name: `native/${name}`, raw, scales: 'none', ...row };
  }
}

function* scriptRows(): Iterable<BenchRow> {
  const arm = (name: string): Arm => {
    const run = scriptArm('js-arm', [SECONDS]);
    return () => run(name);
  };
  const row = (name: string, ours: string, theirs: string, target?: string): BenchRow => ({
    name: `native/${name}`,
    raw: inRounds(ROUNDS, '', [arm(theirs), arm(ours)], ([a, b]) => b![0]! / a![0]!),
    unit: ours.startsWith('batches') ? 'of its time, 64 at once' : 'of its time, one by one',
    better: 'lower',
    scales: 'none',
    ...(target !== undefined && { target }),
    against: theirs === 'alloc' ? 'Buffer.alloc' : 'Buffer.allocUnsafe',
  });
  yield row('js-allocunsafe', 'pool', 'alloc-unsafe', '<= 0.25');
  yield row('js-alloc', 'pool', 'alloc', '<= 0.025');
  yield row('js-alloc-zeroed', 'pool-zeroed', 'alloc');
  yield row('js-allocunsafe-batch', 'batches', 'alloc-unsafe');
  yield row('js-alloc-batch', 'batches', 'alloc');
  yield row('js-alloc-batch-zeroed', 'batches-zeroed', 'alloc');
}

const ENGINE = [
  ['engine-4x3', '>= 1.5'],
  ['engine-4x10', '>= 1.5'],
  ['engine-stack', '>= 2'],
] as const;

/** Schedules a second over Relacy's. */
async function* engineRows(): Rows {
  const args = [SECONDS];
  const ours = await armOf('engine_arm', { args });
  const relacy = existsSync('/usr/include/relacy/relacy.hpp');
  // Its headers have warnings of their own, and need exceptions.
  const peer =
    relacy && (await armOf('relacy_arm', { args, flags: ['-w', '-fexceptions', '-frtti'] }));
  for (const [name, target] of ENGINE) {
    if (!peer) {
      yield {
        name: `native/${name}`,
        skipped: 'Relacy is not there (Debian: apt install relacy-dev)',
      };
      continue;
    }
    yield {
      name: `native/${name}`,
      raw: inRounds(ROUNDS, name, [peer, ours], ([theirs, mine]) => mine![0]! / theirs![0]!),
      unit: 'of Relacy',
      better: 'higher',
      scales: 'none',
      target,
      against: 'Relacy',
    };
  }
}

const LOCKS = ['spin', 'ticket', 'shared', 'elided', 'lock-free'] as const;

/** Operations a second over the mutex's, two threads on one lock. */
async function* lockRows(): Rows {
  const arm = await armOf('locks_arm', { args: [SECONDS] });
  for (const lock of LOCKS) {
    const name = `native/lock-${lock}`;
    if (lock === 'elided' && arm('transactions')[0] !== USABLE) {
      yield { name, skipped: 'the CPU has no transactions, or aborts them all' };
      continue;
    }
    const run = (of: string): Arm => {
      return () => arm(of);
    };
    yield {
      name,
      raw: inRounds(ROUNDS, '', [run('mutex'), run(lock)], ([a, b]) => b![0]! / a![0]!),
      unit: 'of the mutex',
      better: 'higher',
      scales: 'none',
      against: 'mutex',
    };
  }
}

/** `Offer::usable` in port/transactions.h. */
const USABLE = 2;

/** The addon from nothing; a warning is an error. */
async function buildRow(): Promise<BenchRow> {
  const { buildAddon }: typeof import('../build.mjs') = await import(
    join(ROOT, 'native', 'build.mjs')
  );
  const output = join(ROOT, 'native', 'build', 'bench', 'groundhog.node');
  rmSync(output, { force: true });
  const start = performance.now();
  await buildAddon({ output, flags: ['-Werror'] });
  return {
    name: 'native/build',
    raw: (performance.now() - start) / 1000,
    unit: 's',
    better: 'lower',
    scales: 'time',
    target: '<= 60',
  };
}
