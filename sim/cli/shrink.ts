/** `groundhog shrink`: the smallest story of one failing seed, as a file and as sentences. */
import { resolve } from 'node:path';
import { findTarget, loadTarget } from '../campaign/targets.ts';
import { runOne } from '../explore/runner.ts';
import { shortPath } from '../node/loader/load-error.ts';
import { failureText } from '../tell/failure-text.ts';
import { saveStory } from '../tell/saved.ts';
import { storyOf } from '../tell/story.ts';
import { EXIT, UsageError } from './exit.ts';
import { checkedSeed, type HowOptions, hangMsOf } from './how.ts';
import { onInterrupt } from './interrupt.ts';
import { failureJson } from './output.ts';

export interface ShrinkOptions extends HowOptions {
  readonly seed: string;
  readonly output?: string;
  readonly budget?: number;
  readonly json?: boolean;
}

const BUDGET_MS = 60_000;

export async function shrinkCommand(name: string, options: ShrinkOptions): Promise<number> {
  const target = await loadTarget(await findTarget(name, process.cwd()));
  const { strategy, faults } = options;
  const spec = { seed: checkedSeed(options.seed), strategy, faults };
  const failed = await runOne(target.subject, spec, { hangMs: hangMsOf(options) });
  const interrupted = onInterrupt();
  const { signal } = interrupted;
  const budget = { attemptsMax: Infinity, forMs: options.budget ?? BUDGET_MS, signal };
  const story = await storyOf(target.subject, failed, budget);
  interrupted.dispose();
  if (story === undefined) {
    throw new UsageError(
      `seed ${spec.seed} of ${target.ref.name} does not fail: nothing to shrink`,
    );
  }
  const { output } = options;
  const file = saveStory(target, options, story, output === undefined ? output : resolve(output));
  const command = `npx groundhog replay ${output ?? shortPath(file)}`;
  const { failing, shrunk } = story;
  if (options.json) {
    const object = {
      scenario: target.ref.name,
      seed: spec.seed,
      story: file,
      decisions: shrunk.record.count,
      of: failing.record.count,
      minimal: shrunk.minimal,
      attempts: shrunk.attempts,
      failure: failureJson(shrunk.result, command),
      others: shrunk.others.map((other) => other.failure!.signature),
    };
    process.stdout.write(`${JSON.stringify(object)}\n`);
    return EXIT.passed;
  }
  const found = { story, file: shortPath(file) };
  process.stdout.write(`${failureText(target.ref.name, shrunk.result, found)}\n\n`);
  for (const other of shrunk.others) {
    process.stdout.write(`  met on the way, another failure: ${other.failure!.signature}\n`);
  }
  process.stdout.write(`  ${command}\n`);
  return EXIT.passed;
}
