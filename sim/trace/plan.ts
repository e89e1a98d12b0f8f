/** Plans in files: JSON, with the arguments of roles, which may hold bytes, as sim/env/plain.ts has it. */
import type { Plain } from '../env/net.ts';
import { decodePlain, encodePlain } from '../env/plain.ts';
import { type SchemaCheck, schemaCheck } from './schema-check.ts';
import { type RecordedPlan, type RecordedRole, STORY_SCHEMA } from './story.gen.ts';

/** What is wrong with the JSON of a plan. Faults are looked at by who knows their kinds. */
export const planProblems: SchemaCheck = schemaCheck(STORY_SCHEMA, 'Plan');

/** The plan as a value of JSON. */
export function planToJson(plan: RecordedPlan): RecordedPlan {
  return withArgs(plan, (args) => JSON.parse(decoder.decode(encodePlain(args))) as Plain);
}

/** The inverse, for JSON in which `planProblems` finds none. */
export function planFromJson(json: RecordedPlan): RecordedPlan {
  return withArgs(json, (args) => decodePlain(encoder.encode(JSON.stringify(args))));
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function withArgs(plan: RecordedPlan, change: (args: Plain) => Plain): RecordedPlan {
  if (plan.roles === undefined) return plan;
  const roles: { [name: string]: RecordedRole } = {};
  for (const [name, role] of Object.entries(plan.roles)) {
    roles[name] = role.args === undefined ? role : { ...role, args: change(role.args) };
  }
  return { ...plan, roles };
}
