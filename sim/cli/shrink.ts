/** `groundhog shrink`: the smallest story of one failing run, as a file and as sentences. */
import { resolve } from 'node:path';
import { HelperPool } from '../campaign/helpers.ts';
import type { Target } from '../campaign/targets.ts';
import { type FinishedRun, runOne } from '../explore/runner.ts';
import { shortPath } from '../node/loader/load-error.ts';
import { type FoundStory, failureText } from '../tell/failure-text.ts';
import { type Kept, keepStory } from '../tell/kept.ts';
import { type Other, otherText, savedOthers } from '../tell/others.ts';
import { quoted, replayCommand } from '../tell/replay-command.ts';
import { sinceRecorded } from '../tell/since-recorded.ts';
import { type Story, storyOf } from '../tell/story.ts';
import { EXIT, UsageError } from './exit.ts';
import { checkFaults, type HowAsked, type HowOptions, hangMsOf, howFor } from './how.ts';
import { onInterrupt } from './interrupt.ts';
import { failureJson, othersJson } from './output.ts';
import { isRecorded, madeAgain, nothingBeside, openRecorded } from './recorded.ts';
import { seedTarget } from './seed-target.ts';

export interface ShrinkOptions extends HowAsked {
  readonly seed?: string;
  readonly output?: string;
  readonly budget?: number;
  readonly workers?: number;
  readonly json?: boolean;
  /** Options that were given, where they could be left out. */
  readonly given?: readonly string[];
}

const BUDGET_MS = 60_000;

/** The run that is to be made small, made once. */
interface Whole {
  readonly target: Target;
  readonly how: HowOptions;
  readonly failed: FinishedRun;
  /** How it is no longer the run that a file has. */
  readonly since: readonly string[];
  /** What replays it, where its story could not be kept. */
  readonly command: string;
}

/** What came of it. */
interface Found {
  readonly story: Story;
  readonly kept: Kept;
  readonly others: readonly Other[];
  /** What to type to see it again. */
  readonly command: string;
}

export async function shrinkCommand(name: string, options: ShrinkOptions): Promise<number> {
  const { output } = options;
  if (output !== undefined && !output.endsWith(STORY)) {
    throw new UsageError(`-o takes a FILE${STORY}, as stories are known by, not ${output}`);
  }
  const whole = isRecorded(name) ? await fromFile(name, options) : await fromSeed(name, options);
  const interrupted = onInterrupt();
  const { signal } = interrupted;
  const found = await shrunk(whole, options, signal).finally(() => interrupted.dispose());
  if (found === undefined) return nothingToShrink(name, whole, options);
  process.stdout.write(
    options.json ? `${JSON.stringify(jsonOf(whole, found))}\n` : textOf(whole, found),
  );
  const { kept } = found;
  if (kept.is === 'lost' && output !== undefined) throw new UsageError(kept.why);
  if (signal.aborted) return EXIT.interrupted;
  return kept.is === 'kept' ? EXIT.passed : EXIT.violated;
}

const STORY = '.story.json';

async function fromSeed(name: string, options: ShrinkOptions): Promise<Whole> {
  const { target, seed } = await seedTarget('shrink', name, options.seed);
  const how = howFor(target.ref, options);
  const { strategy, faults } = how;
  checkFaults(target, faults);
  const spec = { seed, strategy, faults };
  const failed = await runOne(target.subject, spec, { hangMs: hangMsOf(how) });
  return { target, how, failed, since: [], command: replayCommand(target.ref, seed, how) };
}

async function fromFile(file: string, options: ShrinkOptions): Promise<Whole> {
  nothingBeside(file, options.given);
  const recorded = await openRecorded(file);
  const { target, spec, was } = recorded;
  const { run, fit } = await madeAgain(recorded, hangMsOf(options));
  const since = sinceRecorded(was, run, fit);
  const { strategy, faults } = spec;
  const how = { ...options, strategy, ...(faults && { faults }) };
  return { target, how, failed: run, since, command: `npx groundhog replay ${quoted(file)}` };
}

/** Undefined where the run does not fail. */
async function shrunk(
  { target, how, failed, command }: Whole,
  { output, budget: forMs = BUDGET_MS, workers }: ShrinkOptions,
  signal: AbortSignal,
): Promise<Found | undefined> {
  const pool = new HelperPool(target.ref, workers);
  const { helpers } = pool;
  const budget = { attemptsMax: Infinity, forMs, signal, helpers };
  const story = await storyOf(target.subject, failed, budget).finally(() => pool.close());
  if (story === undefined) return undefined;
  const own = output === undefined ? output : resolve(output);
  const kept = await keepStory(target, how, story, new Date(), own);
  return {
    story,
    kept,
    others: savedOthers(target, how, story.shrunk, new Date()),
    command:
      kept.is === 'lost'
        ? command
        : `npx groundhog replay ${quoted(output ?? shortPath(kept.file))}`,
  };
}

/** A seed that passes was a mistake; a recorded failure that is mended is a result. */
function nothingToShrink(
  name: string,
  { target, failed, since }: Whole,
  { json }: ShrinkOptions,
): number {
  const { seed, reason } = failed.result;
  const { name: scenario } = target.ref;
  const why = reason === undefined ? 'the run passes' : reason;
  if (!isRecorded(name)) {
    throw new UsageError(`seed ${seed} of ${scenario} leaves nothing to shrink: ${why}`);
  }
  const text = [`${scenario}: nothing to shrink: ${why}`, ...since];
  const object = { scenario, seed, story: null, failure: null, since };
  process.stdout.write(json ? `${JSON.stringify(object)}\n` : `${text.join('\n  ')}\n`);
  return EXIT.passed;
}

function jsonOf({ target, since }: Whole, { story, kept, others, command }: Found): object {
  const { failing, shrunk } = story;
  return {
    scenario: target.ref.name,
    seed: failing.spec.seed,
    story: kept.is === 'kept' ? kept.file : null,
    decisions: shrunk.record.count,
    of: failing.record.count,
    minimal: shrunk.ended === 'minimal',
    ended: shrunk.ended,
    attempts: shrunk.attempts,
    failure: failureJson(shrunk.result, command, { story: kept }),
    others: othersJson(others),
    ...(since.length > 0 && { since }),
  };
}

function textOf({ target, since }: Whole, { story, kept, others, command }: Found): string {
  const found: FoundStory = { story, kept };
  const lines = [
    failureText(target.ref.name, story.shrunk.result, found),
    '',
    ...since.map((line) => `  ${line}`),
    ...others.map(otherText),
  ];
  return `${lines.join('\n')}\n  ${command}\n`;
}
