/** Story files, read back. */
import { existsSync, readFileSync } from 'node:fs';
import { findTarget, loadTarget, type Target } from '../campaign/targets.ts';
import { withLocalSites } from '../choice/named.ts';
import { type Plan, type RunSpec, STRATEGY_NAMES, type StrategyName } from '../explore/subject.ts';
import type { FaultPreset } from '../scenario/scenario.gen.ts';
import type { DecisionRecord } from '../trace/record.ts';
import { readStory } from '../trace/story.ts';
import { UsageError } from './exit.ts';

/** A story's target, how its run was made, and the decisions that make it. @throws StoryError */
export async function openStory(
  file: string,
): Promise<{ target: Target; spec: Omit<RunSpec, 'replay'>; decisions: DecisionRecord }> {
  if (!existsSync(file)) throw new UsageError(`there is no file ${file}`);
  const story = readStory({ file, text: readFileSync(file, 'utf8') });
  const { subject, seed, strategy, faults, plan } = story;
  if (!STRATEGY_NAMES.includes(strategy as StrategyName)) {
    throw new UsageError(
      `${file}: the strategy '${strategy}' is not one of ${STRATEGY_NAMES.join(', ')}`,
    );
  }
  return {
    target: await loadTarget(await findTarget(subject.file ?? subject.name, process.cwd())),
    spec: {
      seed,
      strategy: strategy as StrategyName,
      faults: faults as FaultPreset,
      plan: plan as Plan,
    },
    decisions: withLocalSites(story.decisions),
  };
}
