/** Failing seeds made small: whether the story still fails in the same way, and how long it took. */
import { Replay } from '../../choice/replay.ts';
import { runOne } from '../../explore/runner.ts';
import type { Subject } from '../../explore/subject.ts';
import { shrink } from '../../shrink/shrink.ts';
import { failures } from './first-failure.ts';

export interface ShrunkSeed {
  readonly seed: string;
  /** The story, run anew, has the signature of the seed. */
  readonly same: boolean;
  readonly wallMs: number;
  /** Decisions of the story, and of the seed's run. */
  readonly left: number;
  readonly of: number;
}

export interface ShrunkSeedsOptions {
  readonly countMax: number;
  /** Real ms after which one shrinking ends. */
  readonly forMs: number;
  /** Asked before each. */
  readonly goesOn: () => boolean;
}

export async function* shrunkSeeds(
  subject: Subject,
  { countMax, forMs, goesOn }: ShrunkSeedsOptions,
): AsyncGenerator<ShrunkSeed> {
  for await (const failing of failures(subject, countMax)) {
    if (!goesOn()) return;
    const began = performance.now();
    const { plan, record } = await shrink(subject, failing, { attemptsMax: Infinity, forMs });
    const wallMs = performance.now() - began;
    const spec = { ...failing.spec, record: undefined, plan, replay: new Replay(record) };
    const { result } = await runOne(subject, spec);
    const same = result.failure?.signature === failing.result.failure!.signature;
    const { seed } = failing.spec;
    yield { seed, same, wallMs, left: record.count, of: failing.record.count };
  }
}
