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
function partingText({ first, second, culprit }: Parting): string {
  const names = [`first, ${first.verdict}`, `second, ${second.verdict}`] as const;
  const width = Math.max(...names.map(({ length }) => length));
  return [
    'two more runs of it part here:',
    ...lines(names[0].padEnd(width), first.deed),
    ...lines(names[1].padEnd(width), second.deed),
    ...(culprit === undefined ? [] : [`likely: ${culprit}`]),
  ].join('\n');
}

function lines(which: string, deed: Deed | undefined): string[] {
  if (deed === undefined) return [`  ${which}  has ended`];
  const { what, frames, step, atNs, actor } = deed;
  const [place, ...callers] = frames;
  const where = place === undefined ? '' : `  at ${place}`;
  const when = atNs === undefined ? '' : ` ${msOfNs(atNs).toFixed(3)} ms,`;
  return [
    `  ${which}  step ${count(step)},${when} ${actor}: ${what}${where}`,
    ...callers.map((caller) => `    at ${caller}`),
  ];
}
