/** What is left in `.groundhog/`: recorded runs and the stories of bugs. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Target, TargetRef } from '../campaign/targets.ts';
import { hashName } from '../choice/mix.ts';
import { withNames } from '../choice/named.ts';
import type { FinishedRun } from '../explore/runner.ts';
import { FILE_FAULTS } from '../explore/subjects.ts';
import type { FaultPreset } from '../scenario/scenario.gen.ts';
import type { Scenario } from '../scenario/scenario.ts';
import { encodeRun } from '../trace/ghr.ts';
import { hexWord } from '../trace/hex-word.ts';
import type { RecordedSubject } from '../trace/story.gen.ts';
import { writeStory } from '../trace/story.ts';
import type { How } from './replay-command.ts';
import type { Story } from './story.ts';
import { packageVersion } from './version.ts';

const FOLDER = '.groundhog';

/** What became of a file that was to be kept: a bug is told even where nothing can be written. */
export type Kept =
  | { readonly is: 'kept'; readonly file: string }
  | { readonly is: 'lost'; readonly why: string };

/** Writes the story, unless told to one file for each signature. */
export function keepStory(target: Target, how: How, story: Story, toFile?: string): Kept {
  return kept(() => saveStory(target, how, story, toFile));
}

/** Writes a run's decisions and result. */
export function keepRun(target: Target, how: How, run: FinishedRun): Kept {
  return kept(() => saveRun(target, how, run));
}

function kept(save: () => string): Kept {
  try {
    return { is: 'kept', file: save() };
  } catch (error) {
    const { syscall, message } = error as NodeJS.ErrnoException;
    if (syscall === undefined) throw error;
    return { is: 'lost', why: message };
  }
}

function saveStory(
  { ref, scenario }: Target,
  how: How,
  { failing, shrunk, sentences }: Story,
  toFile?: string,
): string {
  const { details, stack: _, signature, ...failure } = shrunk.result.failure!;
  const file = toFile ?? resolve(FOLDER, 'bugs', storyFileName(ref, signature));
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
  writeWhole(file, text);
  return file;
}

function saveRun({ ref, scenario }: Target, how: How, run: FinishedRun): string {
  const { spec, result, record, actors, chunks } = run;
  const file = resolve(FOLDER, 'runs', `${fileName(ref.name)}-${fileName(spec.seed)}.ghr`);
  const bytes = encodeRun({
    groundhog: packageVersion(),
    subject: recordedSubject(ref),
    faults: presetOf(how, scenario),
    plan: spec.plan ?? {},
    result,
    chunks: Int32Array.from(chunks),
    decisions: withNames(record!, actors),
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

function storyFileName({ name }: TargetRef, signature: string): string {
  return `${fileName(name)}-${hexWord(hashName(signature))}.story.json`;
}

function fileName(text: string): string {
  return text
    .replace(/^\.\//, '')
    .replace(/[^\w.-]+/g, '-')
    .slice(0, 80);
}
