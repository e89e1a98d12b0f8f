/** What `groundhog run` prints of one target. */
import { inEverySeed, neverSeen } from '../explore/tally.ts';
import { failureText, verdictInColour } from '../tell/failure-text.ts';
import { keptInWords } from '../tell/kept.ts';
import { otherText } from '../tell/others.ts';
import { count, counted, duration, seconds } from '../tell/words.ts';
import type { HowOptions } from './how.ts';
import { keptInFull } from './in-full.ts';
import { coveredBy, type Left, replayOfFailure, type TargetRun } from './target-run.ts';

export function introduction(one: TargetRun, how: HowOptions): string {
  const { explored, verdict, reason } = one;
  const { tally } = explored;
  const lines = [summary(one)];
  if (reason !== undefined) lines.push(`  ${reason}`);
  const unseen = neverSeen(tally);
  if (unseen.length > 0 && explored.ended === 'done' && verdict === 'passed') {
    lines.push(`  sometimes, but never seen: ${unseen.join(', ')}`);
  }
  for (const error of inEverySeed(tally)) lines.push(`  every seed: ${error}`);
  lines.push(...coveredBy(one, how).map((line) => `  ${line}`));
  return `${lines.join('\n')}\n`;
}

/** The first failure and its replay; empty when there is none. */
export function failureIn(one: TargetRun, { evidence, more }: Left, how: HowOptions): string {
  const { target, explored } = one;
  const [first] = explored.tally.failures;
  if (first === undefined) return '';
  const { run, story, others = [], notReproduced } = evidence ?? {};
  const shown = story?.story.shrunk.result ?? first;
  const lines = ['', failureText(target.ref.name, shown, story)];
  if (notReproduced !== undefined) lines.unshift(`  ${notReproduced}`);
  if (run !== undefined) {
    const words = { kept: 'recorded in', lost: 'the run could not be recorded:' };
    lines.push(...keptInWords(run, words), ...keptInFull([...more.values()]));
  }
  for (const other of others) lines.push('', otherText(other));
  lines.push('', `  ${replayOfFailure(one, 0, how)}`);
  return `${lines.join('\n')}\n`;
}

function summary({ target, explored, verdict, came }: TargetRun): string {
  const { tally, wallMs, ended } = explored;
  const virtualMs = tally.virtualUs / 1000;
  const perSecond = tally.runs / Math.max(0.001, wallMs / 1000);
  const how = { done: '', budget: ', time was up', interrupted: ', interrupted' }[ended];
  return (
    `${target.ref.name}: ${verdictInColour(verdict)}  ` +
    `${counted(tally.runs, came === undefined ? 'seed' : 'run')} in ${seconds(wallMs)} (${count(perSecond)}/s), ` +
    `virtual ${duration(virtualMs)}${how}`
  );
}
