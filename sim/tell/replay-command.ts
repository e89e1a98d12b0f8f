/** What to type to see a run again. */
import { relative } from 'node:path';
import type { TargetRef } from '../campaign/targets.ts';
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
  if (how.strategy !== 'random') parts.push('--strategy', how.strategy);
  if (how.faults !== undefined) parts.push('--faults', how.faults);
  if (how.hang !== undefined) parts.push('--hang', optionTime(how.hang));
  return parts.join(' ');
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
