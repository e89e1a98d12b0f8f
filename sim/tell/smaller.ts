/** Of two stories with one signature the smaller is kept, as long as it still fails. */
import { existsSync, readFileSync } from 'node:fs';
import type { Target } from '../campaign/targets.ts';
import { withLocalSites } from '../choice/named.ts';
import { Replay } from '../choice/replay.ts';
import { runOne } from '../explore/runner.ts';
import type { RunSpec, StrategyName } from '../explore/subject.ts';
import { PRESET_NAMES } from '../fault/presets.ts';
import type { FaultPreset } from '../scenario/scenario.gen.ts';
import { readStory, StoryError, type Story as WrittenStory } from '../trace/story.ts';
import { storyFile } from './saved.ts';
import type { Story } from './story.ts';

/** The file of a story that needs fewer decisions, and whose run fails in the same way now. */
export async function smallerKept(target: Target, story: Story): Promise<string | undefined> {
  const { record, result } = story.shrunk;
  const { signature } = result.failure!;
  const file = storyFile(target.ref, signature);
  const kept = readKept(file);
  if (kept === undefined || kept.decisions.record.count >= record.count) return undefined;
  if (!PRESET_NAMES.includes(kept.faults as FaultPreset)) return undefined;
  const run = await runOne(target.subject, specOf(kept));
  return run.result.failure?.signature === signature ? file : undefined;
}

function specOf({ seed, strategy, faults, plan, decisions }: WrittenStory): RunSpec {
  return {
    seed,
    strategy: strategy as StrategyName,
    faults: faults as FaultPreset,
    plan: plan as RunSpec['plan'],
    replay: new Replay(withLocalSites(decisions)),
  };
}

/** Undefined when there is none, or none that this version can read: it is written anew. */
function readKept(file: string): WrittenStory | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return readStory({ file, text: readFileSync(file, 'utf8') });
  } catch (error) {
    const isUnreadable = (error as NodeJS.ErrnoException).syscall !== undefined;
    if (isUnreadable || error instanceof StoryError) return undefined;
    throw error;
  }
}
