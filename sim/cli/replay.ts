/** `groundhog replay`: one run again, with what its programs said, from a seed, a story or a recorded run. */

import { findTarget, loadTarget, type Target } from '../campaign/targets.ts';
import { Replay } from '../choice/replay.ts';
import { type FinishedRun, runOne } from '../explore/runner.ts';
import type { RunSpec } from '../explore/subject.ts';
import { addRun, digestOf, emptyTally } from '../explore/tally.ts';
import { narrate } from '../shrink/narrative.ts';
import { failureText, shortened, verdictInColour } from '../tell/failure-text.ts';
import { replayCommand } from '../tell/replay-command.ts';
import { seconds } from '../tell/words.ts';
import { NS_PER_MS } from '../time/units.ts';
import type { RunEvent } from '../trace/event.ts';
import type { DecisionRecord } from '../trace/record.ts';
import type { RunVerdict } from '../trace/run.ts';
import { EXIT, UsageError } from './exit.ts';
import { checkedSeed, type HowOptions, hangMsOf } from './how.ts';
import { failureJson, type RunJson } from './output.ts';
import { isRecorded, openRecorded } from './recorded.ts';

export interface ReplayOptions extends HowOptions {
  readonly seed?: string;
  readonly twice?: boolean;
  readonly json?: boolean;
}

/** What is run again: a seed's run, or the one that a file's decisions make. */
interface Again {
  readonly target: Target;
  readonly spec: Omit<RunSpec, 'replay'>;
  readonly decisions: DecisionRecord | undefined;
  readonly command: string;
}

export async function replay(name: string, options: ReplayOptions): Promise<number> {
  const again = isRecorded(name) ? await fromFile(name) : await fromSeed(name, options);
  const began = performance.now();
  const events: RunEvent[] = [];
  const first = await once(again, options, (event) => events.push(event));
  const second = options.twice ? await once(again, options) : undefined;
  const same = second === undefined || second.result.digest === first.result.digest;
  const verdict: RunVerdict = same ? first.result.verdict : 'diverged';
  if (options.json) {
    const object = jsonOf(again, first, verdict, performance.now() - began);
    process.stdout.write(`${JSON.stringify(object)}\n`);
  } else {
    show(again, first, events);
    if (second !== undefined) process.stdout.write(`\n  ${compared(first, second)}\n`);
    process.stdout.write(`\n  ${again.command}\n`);
  }
  return EXIT[verdict];
}

async function fromSeed(name: string, options: ReplayOptions): Promise<Again> {
  if (options.seed === undefined) {
    throw new UsageError(`say which run: groundhog replay ${name} --seed S`);
  }
  const target = await loadTarget(await findTarget(name, process.cwd()));
  const seed = checkedSeed(options.seed);
  const { strategy, faults } = options;
  return {
    target,
    spec: { seed, strategy, faults, compared: 'always' },
    decisions: undefined,
    command: replayCommand(target.ref, seed, options),
  };
}

async function fromFile(file: string): Promise<Again> {
  const { target, spec, decisions } = await openRecorded(file);
  return { target, spec, decisions, command: `npx groundhog replay ${file}` };
}

/** A replay strategy serves one run, so each gets its own. */
function once(
  { target, spec, decisions }: Again,
  options: HowOptions,
  onEvent?: (event: RunEvent) => void,
): Promise<FinishedRun> {
  const replay = decisions && new Replay(decisions);
  return runOne(target.subject, { ...spec, replay, onEvent }, { hangMs: hangMsOf(options) });
}

function show({ target, decisions }: Again, run: FinishedRun, events: readonly RunEvent[]): void {
  const { result, record, actors } = run;
  const { ref } = target;
  const input = { events, actors, endNs: result.virtualMs * NS_PER_MS };
  const sentences = narrate({ ...input, record: decisions ?? record!.filtered(() => false) });
  process.stdout.write(`${shortened(sentences).join('\n')}\n\n`);
  if (result.verdict !== 'passed')
    process.stdout.write(`${failureText(ref.name, result, undefined)}\n`);
  const { verdict, digest, steps, virtualMs } = result;
  const what = decisions === undefined ? `seed ${result.seed}` : 'the story';
  process.stdout.write(
    `\n${ref.name}: ${what} ${verdictInColour(verdict)} after ${steps} steps, ` +
      `virtual ${seconds(virtualMs)}, digest ${digest}\n`,
  );
}

function compared(first: FinishedRun, second: FinishedRun): string {
  const [a, b] = [first.result, second.result];
  if (a.digest === b.digest) return `run twice: the same, step for step (digest ${a.digest})`;
  return `run twice: two different runs, of ${a.steps} and ${b.steps} steps (${a.digest}, ${b.digest})`;
}

function jsonOf(again: Again, run: FinishedRun, verdict: RunVerdict, wallMs: number): RunJson {
  const tally = emptyTally();
  addRun(tally, run);
  return {
    scenario: again.target.ref.name,
    seeds: run.result.seed,
    runs: 1,
    verdict,
    failures: tally.failures.map((failed) => failureJson(failed, again.command)),
    steps: tally.steps,
    virtualMs: tally.virtualUs / 1000,
    wallMs,
    digest: digestOf(tally),
  };
}
