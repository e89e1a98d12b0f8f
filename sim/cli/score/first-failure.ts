import { runEach } from '../../explore/runner.ts';
import type { RunSpec, Subject } from '../../explore/subject.ts';
import type { Failing } from '../../shrink/reduction.ts';

const SEEDS = 1_000;

/** The lowest seed's run that fails. */
export async function firstFailure(subject: Subject): Promise<Failing> {
  for await (const failing of failures(subject, 1)) return failing;
  throw new Error(`none of ${SEEDS} seeds of ${subject.name} fails`);
}

/** The runs that fail of the lowest seeds, at most so many. */
export async function* failures(subject: Subject, countMax: number): AsyncGenerator<Failing> {
  let count = 0;
  for await (const run of runEach(subject, specs())) {
    if (run.result.failure === undefined) continue;
    yield { ...run, record: run.record! };
    if (++count === countMax) return;
  }
}

function* specs(): Generator<RunSpec> {
  for (let seed = 1; seed <= SEEDS; seed++) yield { seed: String(seed), strategy: 'random' };
}
