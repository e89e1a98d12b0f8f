/** What a name and a seed stand for, for commands that take a story in place of both. */
import { findTarget, loadTarget, type Target } from '../campaign/targets.ts';
import type { Making } from '../node/loader/sight.ts';
import { UsageError } from './exit.ts';
import { checkedSeed } from './how.ts';

export interface SeedTarget {
  readonly target: Target;
  readonly seed: string;
}

/**
 * The name is looked at first: of a file that cannot be run, no seed is asked for.
 *
 * @throws UsageError, TargetError, LoadError
 */
export async function seedTarget(
  command: string,
  name: string,
  seed: string | undefined,
  making?: Making,
): Promise<SeedTarget> {
  const ref = await findTarget(name, process.cwd());
  if (seed === undefined) {
    throw new UsageError(`say which run: groundhog ${command} ${name} --seed S`);
  }
  return { target: await loadTarget(ref, making), seed: checkedSeed(seed) };
}
