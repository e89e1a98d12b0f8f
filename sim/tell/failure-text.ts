/** A failed run as people read it: what was violated, where, and the smallest story. */
import { shortPath } from '../node/loader/load-error.ts';
import { spoken } from '../node/spoken.ts';
import type { RunResult, RunVerdict } from '../trace/run.ts';
import { bounded, framesOf, visible } from '../trace/told.ts';
import type { Violation } from '../trace/violation.ts';
import { pc } from './colour.ts';
import { type Kept, keptInWords } from './kept.ts';
import { quoted } from './replay-command.ts';
import { REPLAYED_MAX, shortened } from './shortened.ts';
import type { Story } from './story.ts';
import { count, counted } from './words.ts';

export function verdictInColour(verdict: RunVerdict): string {
  const colours = {
    passed: pc.green,
    violated: pc.red,
    diverged: pc.magenta,
    inconclusive: pc.yellow,
    vacuous: pc.yellow,
  } as const satisfies { readonly [Verdict in RunVerdict]: (text: string) => string };
  return colours[verdict](verdict);
}

/** What is told of a run, simulated or live. */
export type FailedRun = Pick<RunResult, 'reason' | 'seed' | 'strategy' | 'verdict'> & {
  readonly failure: Omit<Violation, 'step'> | undefined;
};

/** A failed run, its explanation, and its smallest story where there is one; without the replay. */
export function failureText(name: string, result: FailedRun, found?: FoundStory): string {
  const { failure, reason, seed, strategy } = result;
  const lines = [
    `${pc.red('✗')} ${pc.bold(name)}  seed ${seed}  ${verdictInColour(result.verdict)}`,
    '',
  ];
  if (failure === undefined) {
    lines.push(...indented(reason ?? 'no reason is known'));
  } else {
    const where = failure.nodes.length === 0 ? '' : `  (${failure.nodes.join(', ')})`;
    lines.push(
      `  ${pc.bold(failure.property)}${where}`,
      ...indented(bounded(visible(failure.message))),
    );
    if (failure.details !== undefined) lines.push(...indented(bounded(visible(failure.details))));
    const frames = stackLines(failure);
    if (frames.length > 0) lines.push('', ...frames);
  }
  if (found !== undefined) lines.push('', ...storyLines(found));
  if (strategy !== 'random') lines.push('', `  strategy ${strategy}`);
  return lines.join('\n');
}

export interface FoundStory {
  readonly story: Story;
  /** Undefined where none is kept. */
  readonly kept: Kept | undefined;
}

/** Of a story's sentences: a failure is read from top to bottom, and all of it is for who asks. */
const TOLD_MAX = 100;

function storyLines({ story, kept }: FoundStory): string[] {
  const { sentences } = story;
  const other = otherMessage(story);
  const lines = [...other, `  ${storyTitle(story)}`, ...leftOut(story).map((line) => `  ${line}`)];
  if (sentences.length > 0) {
    const shown = shortened(sentences, TOLD_MAX, whoTells(sentences, kept));
    lines.push('', ...shown.map((line) => `  ${line}`));
  }
  if (kept !== undefined) {
    const words = { kept: 'story in', lost: 'the story could not be kept:' };
    lines.push('', ...keptInWords(kept, words));
    if (kept.is === 'kept' && !kept.isSmaller && other.length > 0) {
      lines.push(`  its run: npx groundhog replay ${quoted(shortPath(kept.file))}`);
    }
  }
  return lines;
}

/** What its run has less of than the seed's, in lines. */
export function leftOut({ shrunk }: Story): string[] {
  const { absent = [], roles = {} } = shrunk.plan;
  const lines = absent.length === 0 ? [] : [`without ${[...absent].sort().join(', ')}`];
  for (const [role, { count: nodes, args }] of Object.entries(roles)) {
    if (nodes !== undefined) lines.push(`with ${counted(nodes, role)}`);
    if (args !== undefined) lines.push(`with ${spoken(args)} for each ${role}`);
  }
  return lines;
}

/** The smallest run may fail with other numbers than the seed's own. */
function otherMessage({ failing: { result }, shrunk }: Story): string[] {
  const own = result.failure!.message;
  if (own === shrunk.result.failure!.message) return [];
  return [
    `  This is the smallest story's message; that of seed ${result.seed} is:`,
    ...indented(bounded(visible(own))),
    '',
  ];
}

function whoTells(sentences: readonly string[], kept: Kept | undefined): string {
  if (kept?.is !== 'kept' || kept.isSmaller) return '';
  const them = sentences.length <= REPLAYED_MAX ? 'them' : 'more of them';
  return `; \`npx groundhog replay ${quoted(shortPath(kept.file))}\` tells ${them}`;
}

export function storyTitle({ failing, shrunk }: Story): string {
  const { record, ended, attempts } = shrunk;
  if (record.count === 0) {
    return 'The smallest story: it fails with every choice at its calmest';
  }
  const left = `${count(record.count)} of ${count(failing.record.count)} decisions`;
  const least = {
    minimal: 'none of them can go',
    attempts: 'not yet minimal: no attempt was left',
    time: 'not yet minimal: time was up',
    interrupted: 'not yet minimal: interrupted',
  }[ended];
  return `The smallest story: ${left} (${least}; ${counted(attempts, 'attempt')})`;
}

function stackLines(failure: Pick<Violation, 'message' | 'stack'>): string[] {
  return framesOf(failure)
    .filter((line) => !line.includes('groundhog:slice'))
    .map((line) => pc.dim(`  ${line.trim()}`));
}

function indented(text: string): string[] {
  return text.split('\n').map((line) => (line === '' ? '' : `  ${line}`));
}
