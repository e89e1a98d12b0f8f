/** One world of a few nodes under one seed, run to its end: for tests and measurements. */
import { RandomWalk } from '../choice/random.ts';
import { keysOf } from '../choice/seed.ts';
import type { Plain } from '../env/net.ts';
import type { Digest } from '../sched/digest.ts';
import type { Violation } from '../trace/violation.ts';
import { guarded } from './guard/guarded.ts';
import type { ProgramSource } from './node.ts';
import type { PrintedLine } from './output.ts';
import { type Conditions, quietConditions, World, type WorldEnd } from './world.ts';

export interface TrialOptions {
  readonly seed: string;
  /** By node; each is the only node of its role. */
  readonly programs: { readonly [node: string]: ProgramSource };
  readonly args?: Plain;
  readonly conditions?: Partial<Conditions>;
  readonly forMs?: number;
  /** Another one shows what the digest sees. */
  readonly digest?: Digest;
}

export interface Trial {
  readonly end: WorldEnd;
  readonly violation: Violation | undefined;
  /** Why it could not be run. */
  readonly missing: string | undefined;
  readonly digest: string;
  readonly steps: number;
  readonly virtualMs: number;
  readonly output: readonly PrintedLine[];
}

const STEPS_MAX = 1_000_000;

/** Must be called from a macrotask. */
export function trial(options: TrialOptions): Trial {
  const { seed, programs, args = null, conditions, forMs, digest } = options;
  return guarded(() => {
    const world = new World({
      strategy: new RandomWalk(keysOf(seed)),
      conditions: { ...quietConditions(), ...conditions },
      ...(forMs === undefined ? {} : { forMs }),
      ...(digest === undefined ? {} : { digest }),
      stepsMax: STEPS_MAX,
    });
    for (const [name, program] of Object.entries(programs)) {
      world.addNode({ name, role: name, index: 1, program, args });
    }
    while (!world.advance(STEPS_MAX));
    world.close();
    const { end, violation, missing, kernel, output } = world;
    return {
      end: end!,
      violation,
      missing,
      digest: kernel.digest.hex(),
      steps: kernel.steps,
      virtualMs: kernel.nowNs / 1e6,
      output: output.lines(),
    };
  });
}
