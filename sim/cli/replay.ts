/** `groundhog replay`: one run again, with what its programs said, from a seed, a story or a recorded run. */

import type { Target } from '../campaign/targets.ts';
import { type Fit, Replay } from '../choice/replay.ts';
import { weighedAgainst } from '../explore/double-run.ts';
import { FullRecorder } from '../explore/full-recorder.ts';
import { type FinishedRun, runOne } from '../explore/runner.ts';
import type { RunSpec } from '../explore/subject.ts';
import { addRun, digestOf, emptyTally } from '../explore/tally.ts';
import { withThrowPlace } from '../explore/throw-place.ts';
import { narrate, numbered } from '../shrink/narrative.ts';
import { Telling } from '../shrink/telling.ts';
import { failureText, verdictInColour } from '../tell/failure-text.ts';
import { toldWhere } from '../tell/parting-text.ts';
import { quoted, replayCommand } from '../tell/replay-command.ts';
import { REPLAYED_MAX, shortened } from '../tell/shortened.ts';
import { sinceRecorded } from '../tell/since-recorded.ts';
import { seconds } from '../tell/words.ts';
import type { RunVerdict } from '../trace/run.ts';
import { EXIT } from './exit.ts';
import { checkFaults, type HowAsked, hangMsOf, howFor } from './how.ts';
import { failureJson, type RunJson } from './output.ts';
import { isRecorded, nothingBeside, openRecorded, type Recorded } from './recorded.ts';
import { tellRecorded } from './replay-recorded.ts';
import { seedTarget } from './seed-target.ts';

export interface ReplayOptions extends HowAsked {
  readonly seed?: string;
  readonly twice?: boolean;
  /** Tells what a file says that it was, and runs nothing. */
  readonly recorded?: boolean;
  /** Options that were given, where they could be left out. */
  readonly given?: readonly string[];
  readonly json?: boolean;
}

/** What is run again: a seed's run, or the one that a file's decisions make. */
interface Again {
  readonly target: Target;
  readonly spec: Omit<RunSpec, 'replay'>;
  /** What the file holds; undefined for a seed's run. */
  readonly recorded: Pick<Recorded, 'kind' | 'decisions' | 'was'> | undefined;
  readonly command: string;
}

interface Replayed extends FinishedRun {
  /** How much of the file's decisions it has met. */
  readonly fit: Fit | undefined;
}

export async function replay(name: string, options: ReplayOptions): Promise<number> {
  if (options.recorded) return tellRecorded(name, options);
  const again = isRecorded(name) ? await fromFile(name, options) : await fromSeed(name, options);
  const began = performance.now();
  const { recorded } = again;
  const telling = new Telling(recorded?.kind === 'story' ? recorded.decisions.record : undefined);
  const first = await once(again, options, telling);
  const run = await weighed(again, first, options);
  const { verdict, digest } = run.result;
  if (options.json) {
    const object = jsonOf(
      again,
      commandOf(again, options, verdict),
      run,
      performance.now() - began,
    );
    process.stdout.write(`${JSON.stringify(object)}\n`);
  } else {
    show(again, run, telling);
    if (options.twice && verdict !== 'diverged') {
      process.stdout.write(`\n  run twice: the same, step for step (digest ${digest})\n`);
    }
    process.stdout.write(`\n  ${commandOf(again, options, verdict)}\n`);
  }
  return EXIT[verdict];
}

/** The run in the light of a second one, where that is asked for; when they diverge, with the place. */
async function weighed(again: Again, first: Replayed, options: ReplayOptions): Promise<Replayed> {
  let { result } = first;
  if (options.twice) {
    const second = await once(again, options);
    result = weighedAgainst(result, second.result, undefined);
  }
  const { subject } = again.target;
  const settings = { hangMs: hangMsOf(options) };
  if (result.verdict !== 'diverged') {
    return {
      ...first,
      result: await withThrowPlace(result, subject, () => specOf(again), settings),
    };
  }
  return { ...first, result: await toldWhere(result, subject, () => specOf(again), settings) };
}

async function fromSeed(name: string, options: ReplayOptions): Promise<Again> {
  const { target, seed } = await seedTarget('replay', name, options.seed);
  const how = howFor(target.ref, options);
  const { strategy, faults } = how;
  checkFaults(target, faults);
  return {
    target,
    spec: { seed, strategy, faults, compared: target.subject.fresh && 'always' },
    recorded: undefined,
    command: replayCommand(target.ref, seed, how),
  };
}

async function fromFile(file: string, { given }: ReplayOptions): Promise<Again> {
  nothingBeside(file, given);
  const { target, spec, ...recorded } = await openRecorded(file);
  return { target, spec, recorded, command: `npx groundhog replay ${quoted(file)}` };
}

async function once(again: Again, options: HowAsked, telling?: Telling): Promise<Replayed> {
  const { subject } = again.target;
  const spec = specOf(again);
  const { replay } = spec;
  // Steps are compared only with those of a file that has them.
  const inFull = again.recorded?.was.whole?.full !== undefined;
  const recorder = telling && inFull ? new FullRecorder(telling) : undefined;
  const told = telling && {
    replay: replay && telling.overhearing(replay),
    onEvent: telling.onEvent,
    watcher: telling,
    ...recorder?.spec,
  };
  const run = await runOne(subject, { ...spec, ...told }, { hangMs: hangMsOf(options) });
  const full = recorder?.full(run.actors);
  return { ...run, ...(full && { full }), fit: replay?.fit() };
}

/** What differs from run to run shows in two of them only. */
function commandOf({ command }: Again, { twice }: ReplayOptions, verdict: RunVerdict): string {
  return twice && verdict === 'diverged' ? `${command} --twice` : command;
}

/** A replay strategy serves one run, so each gets its own. */
function specOf({ spec, recorded }: Again): RunSpec & { readonly replay: Replay | undefined } {
  return { ...spec, replay: recorded && new Replay(recorded.decisions.record) };
}

function show({ target, recorded }: Again, run: Replayed, { events }: Telling): void {
  const { result } = run;
  const { ref } = target;
  const isStory = recorded?.kind === 'story';
  const sentences = numbered(narrate(events));
  process.stdout.write(`${shortened(sentences, REPLAYED_MAX).join('\n')}\n\n`);
  if (result.verdict !== 'passed') process.stdout.write(`${failureText(ref.name, result)}\n`);
  const { verdict, digest, steps, virtualMs } = result;
  const what = isStory ? 'the story' : recorded ? 'the recorded run' : `seed ${result.seed}`;
  process.stdout.write(
    `\n${ref.name}: ${what} ${verdictInColour(verdict)} after ${steps} steps, ` +
      `virtual ${seconds(virtualMs)}, digest ${digest}\n`,
  );
  if (recorded === undefined || run.fit === undefined) return;
  for (const sentence of sinceRecorded(recorded.was, run, run.fit)) {
    process.stdout.write(`  ${sentence}\n`);
  }
}

function jsonOf(again: Again, command: string, run: Replayed, wallMs: number): RunJson {
  const { result, fit } = run;
  const tally = emptyTally();
  addRun(tally, run);
  return {
    scenario: again.target.ref.name,
    seeds: result.seed,
    runs: 1,
    verdict: result.verdict,
    failures: tally.failures.map((failed) => failureJson(failed, command)),
    steps: tally.steps,
    virtualMs: tally.virtualUs / 1000,
    wallMs,
    digest: digestOf(tally),
    ...(fit && { fit }),
  };
}
