/** `groundhog shrink`: the smallest story of one failing seed, as a file and as sentences. */
import { resolve } from 'node:path';
import { findTarget, loadTarget, type Target } from '../campaign/targets.ts';
import { runOne } from '../explore/runner.ts';
import { shortPath } from '../node/loader/load-error.ts';
import { failureText } from '../tell/failure-text.ts';
import { quoted, replayCommand } from '../tell/replay-command.ts';
import { type Kept, keepStory } from '../tell/saved.ts';
import { type Story, storyOf } from '../tell/story.ts';
import { boundedLine } from '../trace/told.ts';
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
  const kept = keepStory(target, options, story, output === undefined ? output : resolve(output));
  const file = kept.is === 'kept' ? kept.file : undefined;
  const command =
    file === undefined
      ? replayCommand(target.ref, spec.seed, options)
      : `npx groundhog replay ${quoted(output ?? shortPath(file))}`;
  const { failing, shrunk } = story;
  if (options.json) {
    const object = {
      scenario: target.ref.name,
      seed: spec.seed,
      story: file ?? null,
      decisions: shrunk.record.count,
      of: failing.record.count,
      minimal: shrunk.minimal,
      attempts: shrunk.attempts,
      failure: failureJson(shrunk.result, command, { story: kept }),
      others: shrunk.others.map((other) => other.failure!.signature),
    };
    process.stdout.write(`${JSON.stringify(object)}\n`);
  } else {
    process.stdout.write(textOf(target, story, kept, command));
  }
  if (kept.is === 'kept') return EXIT.passed;
  if (output !== undefined) throw new UsageError(kept.why);
  return EXIT.violated;
}

function textOf({ ref }: Target, story: Story, kept: Kept, command: string): string {
  const { others, result } = story.shrunk;
  const lines = [failureText(ref.name, result, { story, kept }), ''];
  for (const { failure } of others) {
    lines.push(`  met on the way, another failure: ${boundedLine(failure!.signature)}`);
  }
  lines.push(`  ${command}`);
  return `${lines.join('\n')}\n`;
}
