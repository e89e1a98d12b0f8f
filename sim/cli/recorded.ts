/** Stories and recorded runs, read back from files. */
import { existsSync, readFileSync } from 'node:fs';
import { findRecorded, loadTarget, type Target } from '../campaign/targets.ts';
import { withLocalSites } from '../choice/named.ts';
import { type Fit, Replay } from '../choice/replay.ts';
import { isCampaign } from '../choice/search.ts';
import { isSeeded, notSeeded } from '../choice/seeded.ts';
import { misfitOf } from '../explore/misfit.ts';
import { type FinishedRun, runOne } from '../explore/runner.ts';
import type { Plan, RunSpec } from '../explore/subject.ts';
import { PRESET_NAMES } from '../fault/presets.ts';
import type { Making } from '../node/loader/sight.ts';
import type { FaultPreset } from '../scenario/scenario.gen.ts';
import type { Was } from '../tell/since-recorded.ts';
import { unknownValue } from '../trace/did-you-mean.ts';
import { decodeRun } from '../trace/ghr.ts';
import type { DecisionRecord } from '../trace/record.ts';
import type { NamedDecisions, RecordedRun } from '../trace/recorded-run.ts';
import { readStory, type Story } from '../trace/story.ts';
import { signatureOf } from '../trace/violation.ts';
import { UsageError } from './exit.ts';

export interface Recorded {
  /** A story has what the failure needs, a run all that it decided. */
  readonly kind: 'story' | 'run';
  readonly target: Target;
  /** How its run was made. */
  readonly spec: Omit<RunSpec, 'replay'>;
  /** Sites as this process numbers them. */
  readonly decisions: Pick<NamedDecisions, 'record' | 'actors'>;
  readonly was: Was;
}

export function isRecorded(file: string): boolean {
  return file.endsWith('.story.json') || file.endsWith('.ghr');
}

/**
 * A file has in it how its run was made: none of that can be asked for beside it.
 *
 * @throws UsageError
 */
export function nothingBeside(file: string, given: readonly string[] = []): void {
  if (given.length === 0) return;
  const options = given.map((name) => `--${name}`).join(' and ');
  throw new UsageError(`${file} is a recorded run, with all that made it: leave out ${options}`);
}

/** @throws UsageError, StoryError, GhrError */
export async function openRecorded(file: string, making?: Making): Promise<Recorded> {
  if (!existsSync(file)) throw new UsageError(`there is no file ${file}`);
  const { subject, seed, strategy, faults, plan, decisions, was } = file.endsWith('.ghr')
    ? ofRun(decodeRun(readFileSync(file), file))
    : ofStory(readStory({ file, text: readFileSync(file, 'utf8') }));
  if (!isSeeded(strategy) && !isCampaign(strategy)) {
    throw new UsageError(`${file}: ${notSeeded(strategy)}`);
  }
  const unknown = unknownValue('faults', faults, PRESET_NAMES);
  if (unknown !== undefined) throw new UsageError(`${file}: ${unknown}`);
  const target = await loadTarget(await findRecorded(subject, process.cwd()), making);
  const misfit = misfitOf(plan, target.subject);
  if (misfit !== undefined) throw new UsageError(`${file}: ${misfit}`);
  return {
    kind: file.endsWith('.ghr') ? 'run' : 'story',
    target,
    spec: {
      seed,
      strategy,
      faults: faults as FaultPreset,
      plan: plan as Plan,
    },
    decisions: { record: withLocalSites(decisions), actors: decisions.actors },
    was,
  };
}

/** The run that the file's decisions make now, with the numbers of actors that these have. */
export async function madeAgain(
  { target, spec, decisions }: Pick<Recorded, 'target' | 'spec' | 'decisions'>,
  hangMs: number,
): Promise<{ readonly run: FinishedRun & { readonly record: DecisionRecord }; readonly fit: Fit }> {
  const replay = new Replay(decisions.record);
  const run = await runOne(target.subject, { ...spec, replay }, { hangMs });
  return { run: { ...run, spec, ...decisions }, fit: replay.fit() };
}

type Parts = Pick<Story, 'subject' | 'seed' | 'strategy' | 'faults' | 'plan' | 'decisions'> & {
  readonly was: Was;
};

function ofStory(story: Story): Parts {
  const { groundhog, failure } = story;
  return {
    ...story,
    was: { version: groundhog, failure: signed(failure), whole: undefined },
  };
}

function ofRun({
  groundhog,
  subject,
  result,
  faults,
  plan,
  chunks,
  decisions,
  full,
}: RecordedRun): Parts {
  const { seed, strategy, failure, digest } = result;
  const was = {
    version: groundhog,
    failure: failure && signed(failure),
    whole: { digest, chunks, full },
  };
  return { subject, seed, strategy, faults, plan, decisions, was };
}

/** With the signature that a run of today gets for it: another version may have made it otherwise. */
function signed({ property, message, roles }: Signed): NonNullable<Was['failure']> {
  return { property, message, signature: signatureOf({ property, message, roles }) };
}

type Signed = Parameters<typeof signatureOf>[0];
