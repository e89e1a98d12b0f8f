/** Stories and recorded runs, read back from files. */
import { existsSync, readFileSync } from 'node:fs';
import { findTarget, loadTarget, type Target } from '../campaign/targets.ts';
import { withLocalSites } from '../choice/named.ts';
import { notSeeded, SEEDED_STRATEGIES } from '../choice/seeded.ts';
import type { Plan, RunSpec, StrategyName } from '../explore/subject.ts';
import type { FaultPreset } from '../scenario/scenario.gen.ts';
import { decodeRun } from '../trace/ghr.ts';
import type { DecisionRecord } from '../trace/record.ts';
import type { RecordedRun } from '../trace/recorded-run.ts';
import { readStory, type Story } from '../trace/story.ts';
import { UsageError } from './exit.ts';

export interface Recorded {
  readonly target: Target;
  /** How its run was made. */
  readonly spec: Omit<RunSpec, 'replay'>;
  readonly decisions: DecisionRecord;
}

export function isRecorded(file: string): boolean {
  return file.endsWith('.story.json') || file.endsWith('.ghr');
}

/** @throws UsageError, StoryError, GhrError */
export async function openRecorded(file: string): Promise<Recorded> {
  if (!existsSync(file)) throw new UsageError(`there is no file ${file}`);
  const { subject, seed, strategy, faults, plan, decisions } = file.endsWith('.ghr')
    ? partsOf(decodeRun(readFileSync(file), file))
    : readStory({ file, text: readFileSync(file, 'utf8') });
  if (!SEEDED_STRATEGIES.includes(strategy as StrategyName)) {
    throw new UsageError(`${file}: ${notSeeded(strategy)}`);
  }
  return {
    target: await loadTarget(await findTarget(subject.file ?? subject.name, process.cwd())),
    spec: {
      seed,
      strategy: strategy as StrategyName,
      faults: faults as FaultPreset,
      plan: plan as Plan,
    },
    decisions: withLocalSites(decisions),
  };
}

type Parts = Pick<Story, 'subject' | 'seed' | 'strategy' | 'faults' | 'plan' | 'decisions'>;

function partsOf({ subject, result, faults, plan, decisions }: RecordedRun): Parts {
  return { subject, seed: result.seed, strategy: result.strategy, faults, plan, decisions };
}
