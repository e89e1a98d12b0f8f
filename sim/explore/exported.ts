/** What a plain file exports: nobody calls it there. */
import { type RunnerOptions, runOne } from './runner.ts';
import type { Subject } from './subject.ts';
import { WorldSubject } from './world-run.ts';

/** Names of the functions that a plain file exports, as one run of it has them. */
export async function exportedFunctions(
  subject: Subject,
  options: RunnerOptions,
): Promise<readonly string[]> {
  if (!(subject instanceof WorldSubject)) return [];
  const seen = new Seen(subject.options);
  await runOne(seen, { seed: '1', strategy: 'random' }, options);
  const exported = seen.run?.world.nodes[0]?.incarnation?.interior?.exports() ?? {};
  const functions = Object.entries(exported).filter(([, value]) => typeof value === 'function');
  return functions.map(([name]) => (name === 'default' ? 'a default function' : name));
}

/** Whose last run can be looked at. */
class Seen extends WorldSubject {
  run: ReturnType<WorldSubject['start']> | undefined;

  override start(spec: Parameters<WorldSubject['start']>[0]): ReturnType<WorldSubject['start']> {
    this.run = super.start(spec);
    return this.run;
  }
}
