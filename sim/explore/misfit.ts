/** Plans that come from files: what they name, a subject must have. */
import { nodeNames } from '../scenario/node-name.ts';
import { SCENARIO_SCHEMA, type TimedFault } from '../scenario/scenario.gen.ts';
import { timelineProblems } from '../scenario/scenario.ts';
import { didYouMean } from '../trace/did-you-mean.ts';
import { schemaCheck } from '../trace/schema-check.ts';
import type { RecordedPlan } from '../trace/story.gen.ts';
import type { Subject } from './subject.ts';

const faultProblems = schemaCheck(SCENARIO_SCHEMA, 'TimedFault');

/** What is wrong with the plan for this subject, in one line; undefined where nothing is. */
export function misfitOf(
  { roles: planned = {}, absent = [], timeline = [] }: RecordedPlan,
  { name, roles }: Pick<Subject, 'name' | 'roles'>,
): string | undefined {
  const unknown = (what: string, named: string, known: readonly string[]): string =>
    `${what} names '${named}', which ${name} does not have${didYouMean(named, known)}`;
  const role = Object.keys(planned).find((role) => !roles.has(role));
  if (role !== undefined) return unknown('plan.roles', role, [...roles.keys()]);
  // A plan with fewer nodes may still name one of those that are left out.
  const most = new Map(
    [...roles].map(([role, { count }]) => [
      role,
      { count: Math.max(count, planned[role]?.count ?? 0) },
    ]),
  );
  const nodes = [...most].flatMap(([role, { count }]) => nodeNames(role, count));
  const node = absent.find((name) => !nodes.includes(name));
  if (node !== undefined) return unknown('plan.absent', node, nodes);
  for (const [index, timed] of timeline.entries()) {
    const [problem] = faultProblems(timed);
    if (problem !== undefined) return `plan.timeline[${index}]: ${problem.message}`;
  }
  const faults = timeline as readonly TimedFault[];
  const [problem] = timelineProblems({ roles: most, timeline: faults, forMs: Infinity });
  return problem && `plan.timeline[${problem.index}]: ${problem.message}`;
}
