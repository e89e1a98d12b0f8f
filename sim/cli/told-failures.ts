/** `run --report`: what happened in failing runs, for the page: each is made once more, and heard. */
import { bugsOf, type FailedRun } from '../../reports/explored.ts';
import type { Told } from '../../reports/told.ts';
import type { Target } from '../campaign/targets.ts';
import type { History } from '../check/history.ts';
import { PICTURE_STYLE, verdictPicture } from '../check/picture/page.ts';
import { Replay } from '../choice/replay.ts';
import { FullRecorder } from '../explore/full-recorder.ts';
import { runOne, Stopped } from '../explore/runner.ts';
import type { Plan, RunSpec } from '../explore/subject.ts';
import { shortPath } from '../node/loader/load-error.ts';
import type { CheckOutcome } from '../scenario/scenario.ts';
import { now } from '../sched/real-clock.ts';
import { narrate, type Sentence } from '../shrink/narrative.ts';
import { Telling } from '../shrink/telling.ts';
import { type FoundStory, leftOut, storyTitle } from '../tell/failure-text.ts';
import { quoted } from '../tell/replay-command.ts';
import { Steps } from '../trace/full-record.ts';
import type { DecisionRecord } from '../trace/record.ts';
import type { RunResult } from '../trace/run.ts';
import { type HowOptions, hangMsOf } from './how.ts';

/** Of one target: each bug is told by one of its runs. */
const BUGS_MAX = 20;
/** Real ms for each. */
const TELLING_MS = 10_000;

export interface Failures {
  /** Not empty. */
  readonly failures: readonly RunResult[];
  /** That of the first of them. */
  readonly story: FoundStory | undefined;
  /** Of a campaign: what makes the first of them again. No seed makes the others. */
  readonly record: DecisionRecord | undefined;
  readonly isCampaign: boolean;
  /** What to type to see one of them again. */
  readonly replayOf: (failure: number) => string;
}

/** By failure; of those that were violated, and one for each bug. */
export async function toldFailures(
  target: Target,
  { failures, story, record, isCampaign, replayOf }: Failures,
  how: HowOptions,
  signal: AbortSignal,
): Promise<ReadonlyMap<RunResult, Told>> {
  const told = new Map<RunResult, Told>();
  const bugs = bugsOf({ failures: failures.map((result): FailedRun => ({ result, replay: '' })) });
  for (const { runs } of isCampaign ? bugs.slice(0, 1) : bugs.slice(0, BUGS_MAX)) {
    const { result } = runs[0];
    if (signal.aborted || result.verdict !== 'violated') continue;
    const its: Pick<Made, 'story' | 'record'> = result === failures[0] ? { story, record } : {};
    const one = await toldRun(target, result, {
      ...{ how, ...its },
      command: commandOf(its.story) ?? replayOf(failures.indexOf(result)),
    });
    if (one !== undefined) told.set(result, one);
  }
  return told;
}

interface Made {
  readonly how: HowOptions;
  readonly command: string;
  readonly story?: FoundStory | undefined;
  readonly record?: DecisionRecord | undefined;
}

/** A story's own; undefined where it has no file of its own. */
function commandOf(story: FoundStory | undefined): string | undefined {
  if (story?.kept?.is !== 'kept' || story.kept.isSmaller) return undefined;
  return `npx groundhog replay ${quoted(shortPath(story.kept.file))}`;
}

/** Undefined where it takes too long, or is another run than it was. */
async function toldRun(
  { subject }: Target,
  { seed, digest, failure }: RunResult,
  { how, command, story: found, record: ofCampaign }: Made,
): Promise<Told | undefined> {
  const { strategy, faults } = how;
  const story = found?.story;
  const record = story?.shrunk.record ?? ofCampaign;
  const plan: Plan | undefined = story?.shrunk.plan;
  const telling = new Telling(story?.shrunk.record);
  const recorder = new FullRecorder(telling);
  const replay = record && telling.overhearing(new Replay(record));
  let judged: Judged | undefined;
  const spec: RunSpec = {
    ...{ seed, strategy, faults, plan, replay },
    ...recorder.spec,
    judged: (history, outcome) => {
      judged = { history, outcome };
    },
  };
  const untilMs = now() + TELLING_MS;
  const options = { hangMs: hangMsOf(how), stopped: (): boolean => now() >= untilMs };
  try {
    const run = await runOne(subject, spec, options);
    const { result } = run;
    const isSame =
      story === undefined
        ? result.digest === digest
        : result.failure?.signature === failure?.signature;
    if (!isSame) return undefined;
    const sentences = narrate(telling.events);
    return {
      title: story === undefined ? 'The run as it was' : storyTitle(story),
      command,
      without: story === undefined ? [] : leftOut(story),
      result: story?.shrunk.result ?? result,
      sentences,
      steps: stepsOf(sentences, recorder.full(run.actors).steps),
      nodes: run.actors.filter((name) => !name.includes('>') && !NO_NODES.has(name)),
      picture: judged && pictureOf(judged),
    };
  } catch (error) {
    if (error instanceof Stopped) return undefined;
    throw error;
  }
}

/** Those that some sentence tells of: many runs are kept until the page is written. */
function stepsOf(sentences: readonly Sentence[], all: Steps): Steps {
  const told = new Set(sentences.map(({ step }) => step));
  const steps = new Steps();
  for (const step of all) if (told.has(step.number)) steps.push(step);
  return steps;
}

/** Actors of every world. */
const NO_NODES: ReadonlySet<string> = new Set(['world', 'faults']);

interface Judged {
  readonly history: History;
  readonly outcome: CheckOutcome;
}

let pictures = 0;

/** What the history's checker draws; none where it was no checker, or has seen a part of it only. */
function pictureOf({ history, outcome }: Judged): Told['picture'] {
  if (typeof outcome !== 'object' || outcome.verdict !== 'invalid') return undefined;
  if (outcome.operations !== history.length) return undefined;
  pictures++;
  return {
    markup: verdictPicture({ history, verdict: outcome }, `checker-${pictures}`),
    style: PICTURE_STYLE,
  };
}
