/** What is left in `.groundhog/`: recorded runs and the stories of bugs. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Target, TargetRef } from '../campaign/targets.ts';
import { hashName } from '../choice/mix.ts';
import { withNames } from '../choice/named.ts';
import { isCampaign } from '../choice/search.ts';
import type { FinishedRun } from '../explore/runner.ts';
import { FILE_FAULTS } from '../explore/subjects.ts';
import type { FaultPreset } from '../scenario/scenario.gen.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { encodeRun } from '../trace/ghr.ts';
import { hexWord } from '../trace/hex-word.ts';
import type { RecordedSubject } from '../trace/story.gen.ts';
import { writeStory } from '../trace/story.ts';
import type { How } from './replay-command.ts';
import { REPLAYED_MAX, shortened } from './shortened.ts';
import type { Story } from './story.ts';
import { packageVersion } from './version.ts';

export const FOLDER = '.groundhog';

/** The same for all failures of one signature. */
export function nameOfBug(name: string, signature: string): string {
  return `${fileName(name)}-${hexWord(hashName(signature))}`;
}

/** Where the story of a bug is kept. */
export function storyFile({ name }: Pick<TargetRef, 'name'>, signature: string): string {
  return resolve(FOLDER, 'bugs', `${nameOfBug(name, signature)}.story.json`);
}

/** Writes the story, unless told to one file for each signature; returns the file. */
export function saveStory(
  { ref, scenario }: Target,
  how: How,
  { failing, shrunk, sentences }: Story,
  toFile?: string,
): string {
  const { details, stack: _, signature, ...failure } = shrunk.result.failure!;
  const file = toFile ?? storyFile(ref, signature);
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
    text: [...shortened(sentences, REPLAYED_MAX)],
  });
  writeWhole(file, text);
  return file;
}

/** Writes a run's decisions and result, and in full where it was heard in full; returns the file. */
export function saveRun(target: Target, how: How, run: FinishedRun): string {
  const { strategy, seed, digest } = run.result;
  // Of a campaign many runs may have one seed.
  const which = isCampaign(strategy) ? `${strategy}-${digest}` : seed;
  return saveRunAs(`${fileName(target.ref.name)}-${fileName(which)}`, target, how, run);
}

/** Writes a failure that no seed is known of, as shrinkers meet them; returns the file. */
export function saveOther(target: Target, how: How, run: FinishedRun): string {
  const { signature } = run.result.failure!;
  return saveRunAs(nameOfBug(target.ref.name, signature), target, how, run);
}

function saveRunAs(
  name: string,
  { ref, scenario }: Target,
  how: How,
  { spec, result, record, actors, chunks, full }: FinishedRun,
): string {
  const file = resolve(FOLDER, 'runs', `${name}.ghr`);
  const bytes = encodeRun({
    groundhog: packageVersion(),
    subject: recordedSubject(ref),
    faults: presetOf(how, scenario),
    plan: spec.plan ?? {},
    result,
    chunks: Int32Array.from(chunks),
    decisions: withNames(record!, actors),
    ...(full && { full }),
  });
  writeWhole(file, bytes);
  return file;
}

function presetOf({ faults }: How, scenario: Scenario | undefined): FaultPreset {
  return faults ?? scenario?.faults ?? FILE_FAULTS;
}

function recordedSubject({ kind, name, file, byPath }: TargetRef): RecordedSubject {
  const path = relative(process.cwd(), file);
  if (kind === 'scenario' && !byPath && path.startsWith('..')) return { kind, name };
  return { kind, name, file: path.split(sep).join('/') };
}

/** Never half-written: another name first. */
export function writeWhole(file: string, content: string | Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true });
  const unfinished = join(dirname(file), `.${process.pid}.tmp`);
  try {
    writeFileSync(unfinished, content);
    renameSync(unfinished, file);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

function fileName(text: string): string {
  return text
    .replace(/^\.\//, '')
    .replace(/[^\w.-]+/g, '-')
    .slice(0, 80);
}
