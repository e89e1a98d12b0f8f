/** `groundhog explain`: why a story fails, found by runs that are nearly the same. */
import { type Cause, type Explanation, explain } from '../explain/explain.ts';
import type { ToldStory } from '../explain/told-story.ts';
import type { SeenStep } from '../explain/watch.ts';
import { shrink } from '../shrink/shrink.ts';
import { explanationText, staleText } from '../tell/explanation-text.ts';
import { failureText } from '../tell/failure-text.ts';
import { msOfNs } from '../time/units.ts';
import { EXIT, UsageError } from './exit.ts';
import { hangMsOf } from './how.ts';
import { onInterrupt } from './interrupt.ts';
import { failureJson } from './output.ts';
import { isRecorded, madeAgain, openRecorded, type Recorded } from './recorded.ts';

export interface ExplainOptions {
  readonly budget?: number;
  readonly json?: boolean;
}

const BUDGET_MS = 30_000;
const RUNS_MAX = 1_500;
/** Of a recorded run's time, to make it small first. */
const SHRINKING = 0.4;

export async function explainCommand(file: string, options: ExplainOptions): Promise<number> {
  if (!isRecorded(file)) {
    const how = `groundhog shrink ${file} --seed S writes a story`;
    throw new UsageError(`explain takes a FILE.story.json or a FILE.ghr, not ${file}; ${how}`);
  }
  const began = performance.now();
  const interrupted = onInterrupt();
  const { signal } = interrupted;
  const forMs = options.budget ?? BUDGET_MS;
  try {
    const recorded = await smallEnough(await openRecorded(file), forMs, signal);
    const { target, spec, decisions, was } = recorded;
    const signature = was.failure?.signature;
    if (signature === undefined) {
      throw new UsageError(`${file} is a run that did not fail: there is nothing to explain`);
    }
    const timeline = spec.plan?.timeline ?? target.scenario?.timeline ?? [];
    const leftMs = forMs - (performance.now() - began);
    const explained = { spec, record: decisions.record, signature, timeline };
    const bounds = { runsMax: RUNS_MAX, forMs: Math.max(1, leftMs), signal };
    const explanation = await explain(target.subject, explained, bounds);
    const wallMs = performance.now() - began;
    const { name } = target.ref;
    const before = signal.aborted ? 'interrupted' : 'time';
    const text = options.json
      ? JSON.stringify(jsonOf(name, file, explanation ?? { ended: before }, wallMs))
      : textOf(name, explanation ?? { ended: before }, wallMs);
    process.stdout.write(`${text}\n`);
  } finally {
    interrupted.dispose();
  }
  return signal.aborted ? EXIT.interrupted : EXIT.passed;
}

/** A story as it is; a recorded run made small, since it decides too much to be told. */
async function smallEnough(
  recorded: Recorded,
  forMs: number,
  signal: AbortSignal,
): Promise<Recorded> {
  if (recorded.kind === 'story' || recorded.was.failure === undefined) return recorded;
  const { target, spec } = recorded;
  const { run } = await madeAgain(recorded, hangMsOf({ strategy: spec.strategy }));
  if (run.result.failure?.signature !== recorded.was.failure.signature) return recorded;
  const budget = { attemptsMax: Infinity, forMs: forMs * SHRINKING, signal };
  const { plan, record, actors } = await shrink(target.subject, run, budget);
  return { ...recorded, spec: { ...spec, plan }, decisions: { record, actors } };
}

/** What ended it before the story had run even once. */
interface Nothing {
  readonly ended: 'time' | 'interrupted';
}

function textOf(name: string, explanation: Explanation | Nothing, wallMs: number): string {
  if (!('run' in explanation)) {
    const why = { time: 'time was up', interrupted: 'interrupted' }[explanation.ended];
    return `${name}: ${why} before the story had run once`;
  }
  const stale = staleText(explanation);
  if (stale !== undefined) return `${name}: ${stale}`;
  const failure = failureText(name, explanation.run.result, undefined);
  return `${failure}\n\n${explanationText({ explanation, wallMs })}`;
}

function jsonOf(
  scenario: string,
  story: string,
  explanation: Explanation | Nothing,
  wallMs: number,
): object {
  if (!('run' in explanation)) return { scenario, story, outcome: null, ...explanation, wallMs };
  const {
    outcome,
    run,
    fit,
    faults,
    cause,
    sibling,
    likelihood,
    runs,
    ended,
    story: told,
  } = explanation;
  const inJson = (step: SeenStep): object => stepJson(step, told);
  const { chances, jump } = likelihood;
  return {
    scenario,
    story,
    outcome,
    fit,
    failure: failureJson(run.result, `npx groundhog replay ${story}`),
    cause: cause === undefined ? null : causeJson(cause, inJson),
    sibling: sibling ?? null,
    faults,
    likelihood: {
      chances,
      jump: jump === undefined ? null : { ...jump, step: inJson(jump.step) },
    },
    runs,
    ended: ended ?? 'done',
    wallMs,
  };
}

function causeJson(cause: Cause, inJson: (step: SeenStep) => object): object {
  if (cause.is === 'outcome') {
    const { step, ...rest } = cause;
    return { ...rest, step: step === undefined ? null : inJson(step) };
  }
  const { is, first, second, shown } = cause;
  return { is, first: inJson(first), second: inJson(second), shown };
}

/** `step` is null where the failing run does not come to it; `sentences` are numbers in the story. */
function stepJson(step: SeenStep, story: ToldStory): object {
  const { number, atNs, actor, site, words, madeAt, ranAt } = step;
  return {
    step: number === 0 ? null : number,
    atMs: msOfNs(atNs),
    actor,
    site,
    words,
    sentences: story.sentencesOf(step).map(({ number }) => number),
    madeAt,
    ranAt,
  };
}
