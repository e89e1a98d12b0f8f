/** What to type to see a run again. */
import { relative } from 'node:path';
import { defaultStrategy, type TargetRef } from '../campaign/targets.ts';
import type { StrategyName } from '../explore/subject.ts';
import type { FaultPreset } from '../scenario/scenario.gen.ts';
import type { RunResult } from '../trace/run.ts';

/** What makes a seed's run what it is, besides the seed. */
export interface How {
  readonly strategy: StrategyName;
  /** In place of the subject's own. */
  readonly faults?: FaultPreset;
  /** Real ms after which a step is a hang; undefined where nobody has said. */
  readonly hang?: number;
}

/** `groundhog replay register --seed 7`, with whatever made the run what it was. */
export function replayCommand(ref: TargetRef, seed: string, how: How): string {
  const parts = ['npx groundhog replay', quoted(spokenName(ref)), '--seed', quoted(seed)];
  if (how.strategy !== defaultStrategy(ref)) parts.push('--strategy', how.strategy);
  return [...parts, ...conditionsOf(how)].join(' ');
}

function conditionsOf({ faults, hang }: How): string[] {
  const parts: string[] = [];
  if (faults !== undefined) parts.push('--faults', faults);
  if (hang !== undefined) parts.push('--hang', optionTime(hang));
  return parts;
}

/** `groundhog run register --strategy faults --seed 7`: a whole campaign again. */
export function campaignCommand(
  ref: TargetRef,
  how: How & { readonly seed?: string; readonly seeds?: string; readonly depth?: number },
): string {
  const { strategy, seed, seeds, depth } = how;
  const parts = ['npx groundhog run', quoted(spokenName(ref)), '--strategy', strategy];
  if (depth !== undefined) parts.push('--depth', String(depth));
  if (seed !== undefined) parts.push('--seed', quoted(seed));
  if (seeds !== undefined) parts.push('--seeds', seeds);
  return [...parts, ...conditionsOf(how)].join(' ');
}

/** The same for a run that was judged: one that diverged is seen to when it is made twice. */
export function replayOf(
  ref: TargetRef,
  { seed, verdict }: Pick<RunResult, 'seed' | 'verdict'>,
  how: How,
): string {
  const command = replayCommand(ref, seed, how);
  return verdict === 'diverged' ? `${command} --twice` : command;
}

/** What to type for a target: a scenario's name, a file's path from here. */
function spokenName({ kind, name, file, byPath }: TargetRef): string {
  if (kind === 'scenario' && !byPath) return name;
  const path = relative(process.cwd(), file);
  return path.startsWith('..') ? file : `./${path}`;
}

/** As it is typed: `10s`, `1500ms`. */
export function optionTime(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}

export function quoted(text: string): string {
  return /^[\w./:@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
