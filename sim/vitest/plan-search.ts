/** Plans drawn by fast-check: one for each seed, and the smallest that still fails. */
import fc, { type Arbitrary } from 'fast-check';
import { hashName } from '../choice/mix.ts';
import { runOne } from '../explore/runner.ts';
import type { Plan, RunSpec, Subject } from '../explore/subject.ts';
import { now } from '../sched/real-clock.ts';

/** Runs that the search for a smaller plan may take. */
const ATTEMPTS_MAX = 300;
const SEARCH_MS = 10_000;

/** The same plan for the same seed. */
export function drawPlan(plans: Arbitrary<Plan>, seed: string): Plan {
  let drawn: Plan | undefined;
  fc.check(
    fc.property(plans, (plan) => {
      drawn = plan;
    }),
    parameters(seed),
  );
  return drawn!;
}

/**
 * Lets fast-check shrink the plan of a failing run. The world's seed stays as it is, and a plan
 * counts only when the run fails with the same signature.
 */
export async function smallestPlan(
  plans: Arbitrary<Plan>,
  subject: Subject,
  spec: RunSpec,
  signature: string,
): Promise<Plan> {
  let attempts = 0;
  let smallest = spec.plan!;
  const untilMs = now() + SEARCH_MS;
  const property = fc.asyncProperty(plans, async (plan) => {
    if (attempts++ >= ATTEMPTS_MAX || now() >= untilMs) return true;
    const { result } = await runOne(subject, { ...spec, plan, record: undefined });
    if (result.failure?.signature !== signature) return true;
    smallest = plan;
    return false;
  });
  await fc.check(property, parameters(spec.seed));
  return smallest;
}

function parameters(seed: string): { seed: number; numRuns: number } {
  return { seed: hashName(seed), numRuns: 1 };
}
