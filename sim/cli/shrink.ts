/** `groundhog shrink`: the smallest story of one failing seed, as a file and as sentences. */
import { resolve } from 'node:path';
import { HelperPool } from '../campaign/helpers.ts';
import { findTarget, loadTarget, type Target } from '../campaign/targets.ts';
import { runOne } from '../explore/runner.ts';
import { shortPath } from '../node/loader/load-error.ts';
import { type FoundStory, failureText } from '../tell/failure-text.ts';
import { keepStory } from '../tell/kept.ts';
import { type Other, otherText, savedOthers } from '../tell/others.ts';
import { quoted, replayCommand } from '../tell/replay-command.ts';
import { storyOf } from '../tell/story.ts';
import { EXIT, UsageError } from './exit.ts';
import { checkedSeed, checkFaults, type HowAsked, hangMsOf, howFor } from './how.ts';
import { onInterrupt } from './interrupt.ts';
import { failureJson, othersJson } from './output.ts';

export interface ShrinkOptions extends HowAsked {
  readonly seed: string;
  readonly output?: string;
  readonly budget?: number;
  readonly workers?: number;
  readonly json?: boolean;
}

const BUDGET_MS = 60_000;

export async function shrinkCommand(name: string, asked: ShrinkOptions): Promise<number> {
  const target = await loadTarget(await findTarget(name, process.cwd()));
  const options = howFor(target.ref, asked);
  const { strategy, faults } = options;
  checkFaults(target, faults);
  const spec = { seed: checkedSeed(options.seed), strategy, faults };
  const failed = await runOne(target.subject, spec, { hangMs: hangMsOf(options) });
  const interrupted = onInterrupt();
  const { signal } = interrupted;
  const pool = new HelperPool(target.ref, options.workers);
  const { helpers } = pool;
  const budget = { attemptsMax: Infinity, forMs: options.budget ?? BUDGET_MS, signal, helpers };
  const story = await storyOf(target.subject, failed, budget).finally(() => {
    interrupted.dispose();
    return pool.close();
  });
  if (story === undefined) {
    throw new UsageError(
      `seed ${spec.seed} of ${target.ref.name} does not fail: nothing to shrink`,
    );
  }
  const { output } = options;
  const own = output === undefined ? output : resolve(output);
  const kept = await keepStory(target, options, story, new Date(), own);
  const file = kept.is === 'kept' ? kept.file : undefined;
  const command =
    file === undefined
      ? replayCommand(target.ref, spec.seed, options)
      : `npx groundhog replay ${quoted(output ?? shortPath(file))}`;
  const { failing, shrunk } = story;
  const others = savedOthers(target, options, shrunk, new Date());
  if (options.json) {
    const object = {
      scenario: target.ref.name,
      seed: spec.seed,
      story: file ?? null,
      decisions: shrunk.record.count,
      of: failing.record.count,
      minimal: shrunk.ended === 'minimal',
      ended: shrunk.ended,
      attempts: shrunk.attempts,
      failure: failureJson(shrunk.result, command, { story: kept }),
      others: othersJson(others),
    };
    process.stdout.write(`${JSON.stringify(object)}\n`);
  } else {
    process.stdout.write(textOf(target, { story, kept }, others, command));
  }
  if (kept.is === 'lost' && output !== undefined) throw new UsageError(kept.why);
  if (signal.aborted) return EXIT.interrupted;
  return kept.is === 'kept' ? EXIT.passed : EXIT.violated;
}

function textOf(
  { ref }: Target,
  found: FoundStory,
  others: readonly Other[],
  command: string,
): string {
  const { result } = found.story.shrunk;
  const lines = [failureText(ref.name, result, found), '', ...others.map(otherText)];
  return `${lines.join('\n')}\n  ${command}\n`;
}
