/** An explanation as people read it. */
import { stepInWords } from '../explain/difference.ts';
import type { Cause, Explanation, Sibling } from '../explain/explain.ts';
import type { ToldFault } from '../explain/faults.ts';
import type { Chance, Likelihood } from '../explain/likelihood.ts';
import type { ToldStory } from '../explain/told-story.ts';
import type { SeenStep } from '../explain/watch.ts';
import { msOfNs } from '../time/units.ts';
import { boundedLine } from '../trace/told.ts';
import { pc } from './colour.ts';
import { count, counted } from './words.ts';

export interface ExplanationText {
  readonly explanation: Explanation;
  /** Real ms that it took. */
  readonly wallMs: number;
}

/** All that was found, in paragraphs; the failure itself is not repeated. */
export function explanationText({ explanation, wallMs }: ExplanationText): string {
  const { cause, sibling, faults, likelihood, fit, story } = explanation;
  const needed = areNeeded(faults);
  const causes = causeLines(cause, sibling, { story, needed });
  const parts = [
    ...(needed ? [faultLines(faults), causes] : [causes, faultLines(faults)]),
    likelihoodLines(likelihood, story),
    fit.used === fit.total ? [] : [`The code has changed since: ${unfitText(fit)}.`],
    [endLine(explanation, wallMs)],
  ];
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => (line === '' ? '' : `  ${line}`)).join('\n'))
    .join('\n\n');
}

/** Why a story says nothing of the present code; undefined when it still fails as it did. */
export function staleText({ outcome, run, fit }: Explanation): string | undefined {
  if (outcome === 'same') return undefined;
  const { used, total } = fit;
  const fits = used === total ? '' : `; ${unfitText(fit)}`;
  switch (outcome) {
    case 'passed':
      return `the story no longer fails: the run passes${fits}`;
    case 'other':
      return `the story fails in another way now: ${boundedLine(run.result.failure!.signature)}${fits}`;
    case 'unclear':
      return `the story no longer fails: ${run.result.reason ?? 'the run has no end'}${fits}`;
  }
}

function unfitText({ used, total }: Explanation['fit']): string {
  return `${count(total - used)} of its ${counted(total, 'decision')} no longer found a place`;
}

/** `needed`: there are faults without which it does not fail, and they are told first. */
function causeLines(
  cause: Cause | undefined,
  sibling: Sibling | undefined,
  { story, needed }: { readonly story: ToldStory; readonly needed: boolean },
): string[] {
  if (cause === undefined) {
    const besides = needed ? ' with its faults' : '';
    return [`No run that passes was found near this one${besides}.`];
  }
  const also = needed ? 'With these faults it' : 'It';
  const lines: string[] = [];
  if (cause.is === 'order') {
    const { first, second, shown } = cause;
    lines.push(
      pc.bold(`${also} fails because of the order of two steps:`),
      '',
      ...stepLines('first', first, story),
      ...stepLines('then', second, story),
      '',
      shown
        ? 'With these two the other way round, and all else as it was, the run passes.'
        : 'The nearest run that passes has these two the other way round.',
    );
    if (!shown) lines.push(...differingLines(sibling));
    else if (sibling !== undefined) lines.push(partLine(sibling));
    return lines;
  }
  const { difference, decidedAt, step } = cause;
  lines.push(
    pc.bold(`${also} fails because of one decision, and not because of an order:`),
    '',
    `${difference.words}: so the run passes`,
    ...frameLines('decided', decidedAt),
  );
  if (step !== undefined) lines.push(...stepLines('in', step, story));
  if (sibling !== undefined && sibling.differing.length > 1) {
    lines.push('', ...differingLines(sibling));
  }
  return lines;
}

function differingLines(sibling: Sibling | undefined): string[] {
  if (sibling === undefined) return [];
  const { differing } = sibling;
  const shown = differing.slice(0, DIFFERING_MAX).map(({ words }) => `  ${words}`);
  const more = differing.length - shown.length;
  if (more > 0) shown.push(pc.dim(`  … ${count(more)} more`));
  return [`${partLine(sibling)} It differs in ${counted(differing.length, 'decision')}:`, ...shown];
}

function partLine({ shared }: Sibling): string {
  return `The two runs take the same ${counted(shared, 'step')} before they part.`;
}

const DIFFERING_MAX = 6;

/** Sentences of one step that are told. */
const SENTENCES_MAX = 3;

function stepLines(label: string, step: SeenStep, story: ToldStory): string[] {
  const { madeAt, ranAt } = step;
  const [first, ...more] = whatHappens(step, story);
  return [
    `${label.padEnd(5)} ${first}`,
    ...more.map((line) => `${' '.repeat(Math.max(5, label.length))} ${line}`),
    ...frameLines('made', madeAt),
    ...(String(ranAt) === String(madeAt) ? [] : frameLines('runs', ranAt)),
  ];
}

/** The story's sentences of the step; of one that it does not tell, what it is. */
function whatHappens(step: SeenStep, story: ToldStory): string[] {
  const { number, atNs } = step;
  const isHere = number !== 0;
  const words = stepInWords(step);
  const sentences = story.sentencesOf(step).slice(0, SENTENCES_MAX);
  const [first] = sentences;
  if (first === undefined) {
    if (!isHere) return [`never here: ${words}`];
    const when = atNs === 0 ? '' : `, at ${ms(atNs)}`;
    return [`step ${number}${when}: ${words}, which the story does not tell`];
  }
  const lines = sentences.map(({ number, atNs, text }) => `${number}. ${ms(atNs)}  ${text}`);
  if (isHere && first.atNs === atNs) return lines;
  const here = isHere ? `at ${ms(atNs)}, ${words}` : 'never here';
  return [...lines, pc.dim(`in the run compared: ${here}`)];
}

function frameLines(label: string, frames: readonly string[]): string[] {
  return frames.map((frame, i) =>
    pc.dim(`      ${i === 0 ? label : ' '.repeat(label.length)} at ${frame}`),
  );
}

function areNeeded(faults: readonly ToldFault[]): boolean {
  return faults.some(({ without }) => without === 'passed');
}

function faultLines(faults: readonly ToldFault[]): string[] {
  if (faults.length === 0) return [];
  const needed = areNeeded(faults);
  return [
    pc.bold(
      needed
        ? 'It fails because of faults. Each left out, all else as in the story:'
        : 'Each fault left out, all else as in the story:',
    ),
    '',
    ...faults.map(({ atNs, words, without, instead }) => {
      const end = {
        passed: pc.green('without it the run passes'),
        same: 'it fails without it all the same',
        other: `without it the run fails in another way: ${instead}`,
        unclear: 'without it the run has no end',
      }[without];
      return `${ms(atNs)}  ${words}: ${end}`;
    }),
  ];
}

function likelihoodLines({ chances, jump }: Likelihood, story: ToldStory): string[] {
  if (chances.length === 0) return [];
  const beginnings = chances.map((chance) => beginning(chance, story));
  const width = Math.max(...beginnings.map(({ length }) => length));
  const lines = chances.map((chance, i) => {
    const { failed, runs, step } = chance;
    const bar = '█'.repeat(Math.round((BAR * failed) / runs)).padEnd(BAR, '·');
    const here = jump !== undefined && step === jump.after.step ? '  ← here' : '';
    const share = `${String(failed).padStart(2)} of ${runs}`;
    return `${beginnings[i]!.padEnd(width)}  ${bar}  ${share}${here}`;
  });
  const title = 'Runs that begin as this one and go on by chance, and how many of them fail:';
  const end = jump === undefined ? [] : ['', ...stepLines('It is decided in', jump.step, story)];
  return [pc.bold(title), '', ...lines, ...end];
}

const BAR = 20;

/** Up to which of the story's sentences; of a step that it does not tell, the step too. */
function beginning({ step }: Chance, story: ToldStory): string {
  if (step === 0) return 'from the start';
  const told = story.toldBy(step);
  const place = told === 0 ? 'before 1.' : `after ${told}.`;
  return story.tells(step) ? place : `${place} (step ${step})`;
}

function endLine({ runs, ended }: Explanation, wallMs: number): string {
  const why = {
    runs: '; there was more to try, and no run left to try it with',
    time: '; time was up before all was tried',
    interrupted: '; interrupted before all was tried',
  };
  const took = `Found by ${counted(runs, 'run')} in ${(wallMs / 1000).toFixed(1)} s`;
  return `${took}${ended === undefined ? '' : why[ended]}.`;
}

function ms(ns: number): string {
  return `${msOfNs(ns).toFixed(3)} ms`;
}
