/** What commands leave in `.groundhog/`: recorded runs and stories. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { findTarget, loadTarget, type Target, type TargetRef } from '../campaign/targets.ts';
import { hashName } from '../choice/mix.ts';
import { withLocalSites, withNames } from '../choice/named.ts';
import type { FinishedRun } from '../explore/runner.ts';
import { type Plan, type RunSpec, STRATEGY_NAMES, type StrategyName } from '../explore/subject.ts';
import { FILE_FAULTS } from '../explore/subjects.ts';
import type { FaultPreset } from '../scenario/scenario.gen.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { encodeRun } from '../trace/ghr.ts';
import type { DecisionRecord } from '../trace/record.ts';
import type { RecordedSubject } from '../trace/story.gen.ts';
import { readStory, writeStory } from '../trace/story.ts';
import { UsageError } from './exit.ts';
import type { HowOptions } from './how.ts';
import type { Story } from './story.ts';
import { packageVersion } from './version.ts';

const FOLDER = '.groundhog';

/** Where a story goes unless told: one file for each signature. */
export function storyFile(ref: TargetRef, story: Story): string {
  const { signature } = story.shrunk.result.failure!;
  return resolve(FOLDER, 'bugs', `${fileName(ref.name)}-${hexOf(signature)}.story.json`);
}

/** Writes the story; returns the file. */
export function saveStory(
  { ref, scenario }: Target,
  how: HowOptions,
  { failing, shrunk, sentences }: Story,
  file: string,
): string {
  const { details, stack: _, signature, ...failure } = shrunk.result.failure!;
  const text = writeStory({
    groundhog: packageVersion(),
    subject: recordedSubject(ref),
    seed: failing.spec.seed,
    strategy: how.strategy,
    faults: presetOf(how, scenario),
    plan: shrunk.plan,
    signature,
    failure: details === undefined ? failure : { ...failure, details },
    decisions: withNames(shrunk.record, shrunk.actors),
    text: sentences,
  });
  write(file, text);
  return file;
}

/** Writes a run's decisions and result; returns the file. */
export function saveRun({ ref, scenario }: Target, how: HowOptions, run: FinishedRun): string {
  const { spec, result, record, actors } = run;
  const file = resolve(FOLDER, 'runs', `${fileName(ref.name)}-${fileName(spec.seed)}.ghr`);
  const bytes = encodeRun({
    groundhog: packageVersion(),
    subject: recordedSubject(ref),
    faults: presetOf(how, scenario),
    plan: spec.plan ?? {},
    result,
    chunks: new Int32Array(0),
    decisions: withNames(record!, actors),
  });
  write(file, bytes);
  return file;
}

/** A story's target, how its run was made, and the decisions that make it. @throws StoryError */
export async function openStory(
  file: string,
): Promise<{ target: Target; spec: Omit<RunSpec, 'replay'>; decisions: DecisionRecord }> {
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

function presetOf({ faults }: HowOptions, scenario: Scenario | undefined): FaultPreset {
  return faults ?? scenario?.faults ?? FILE_FAULTS;
}

function recordedSubject({ kind, name, file }: TargetRef): RecordedSubject {
  const path = relative(process.cwd(), file);
  if (kind === 'scenario' && path.startsWith('..')) return { kind, name };
  return { kind, name, file: path.split(sep).join('/') };
}

/** Never half-written: another name first. */
function write(file: string, content: string | Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true });
  const unfinished = join(dirname(file), `.${process.pid}.tmp`);
  writeFileSync(unfinished, content);
  renameSync(unfinished, file);
}

function fileName(text: string): string {
  return text
    .replace(/^\.\//, '')
    .replace(/[^\w.-]+/g, '-')
    .slice(0, 80);
}

function hexOf(text: string): string {
  return (hashName(text) >>> 0).toString(16).padStart(8, '0');
}
