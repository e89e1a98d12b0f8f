/** Where two runs of one seed part, in words. */
import { type Deed, type Parting, partingOf } from '../explore/parting.ts';
import type { RunnerOptions } from '../explore/runner.ts';
import type { RunSpec, Subject } from '../explore/subject.ts';
import { msOfNs } from '../time/units.ts';
import type { RunResult } from '../trace/run.ts';
import { count } from './words.ts';

/** The result of two runs that diverged, with the place where they do, if they do so again. */
export async function toldWhere(
  result: RunResult,
  subject: Subject,
  spec: () => RunSpec,
  options: RunnerOptions,
): Promise<RunResult> {
  const parting = await partingOf(subject, spec, options);
  if (parting === undefined) return result;
  return { ...result, reason: `${result.reason ?? ''}\n${partingText(parting)}` };
}

/** Several lines. */
function partingText({ first, second }: Parting): string {
  return ['the two runs part here:', line('first ', first), line('second', second)].join('\n');
}

function line(which: string, deed: Deed | undefined): string {
  if (deed === undefined) return `  ${which}  has ended`;
  const { what, place, step, atNs, actor } = deed;
  const where = place === '' ? '' : `  at ${place}`;
  return `  ${which}  step ${count(step)}, ${msOfNs(atNs).toFixed(3)} ms, ${actor}: ${what}${where}`;
}
