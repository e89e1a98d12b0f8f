/** Carries out commands on a journey. Answers are plain data: shells print them, sockets send them. */
import { compareWith, type Difference } from '../../debug/compare.ts';
import { DebugError } from '../../debug/debug-error.ts';
import type { Inspected, Inspection } from '../../debug/inspect.ts';
import type { Arrival, Branch, Journey } from '../../debug/journey.ts';
import { checkCode, type Evaluated, evaluateOn } from '../../debug/look.ts';
import type { Change } from '../../debug/passage.ts';
import type { Redrawn } from '../../debug/route.ts';
import type { Shown } from '../../debug/scene.ts';
import { type Changes, type Condition, changesOf, until } from '../../debug/scout.ts';
import { type Chain, why } from '../../debug/why.ts';
import { kindOf } from '../../fault/catalogue.ts';
import { type Fault, SCENARIO_SCHEMA } from '../../scenario/scenario.gen.ts';
import { nsOfMs } from '../../time/units.ts';
import { didYouMean } from '../../trace/did-you-mean.ts';
import type { RunResult } from '../../trace/run.ts';
import { schemaCheck } from '../../trace/schema-check.ts';
import { UsageError } from '../exit.ts';
import { checkedSeed } from '../how.ts';
import { type Command, type CommandName, usage } from './commands.ts';

export type Answer =
  | { readonly is: 'place'; readonly place: Arrival; readonly steps: number }
  | { readonly is: 'unmet'; readonly condition: string; readonly thrown: string | undefined }
  | Shown
  | { readonly is: 'value'; readonly value: Evaluated }
  | { readonly is: 'chain'; readonly chain: Chain }
  | { readonly is: 'changes'; readonly changed: Changes; readonly here: number }
  | { readonly is: 'difference'; readonly difference: Difference }
  | { readonly is: 'branches'; readonly branches: readonly Outcome[]; readonly present: number }
  | { readonly is: 'help' }
  | { readonly is: 'bye' };

/** What commands work on. */
export interface Session {
  readonly journey: Journey;
  readonly inspection: Inspection;
  readonly patience: Patience;
}

/** A person's, with the command under way: when it is over, the command is given up. */
export interface Patience {
  isOver: boolean;
}

/** A branch, and what came of it. */
export interface Outcome {
  readonly number: number;
  readonly changes: readonly Change[];
  /** From which steps on it has the draws of other seeds. */
  readonly redrawn: readonly Pick<Redrawn, 'step' | 'seed'>[];
  readonly steps: number;
  readonly result: RunResult;
}

/** Steps of a causal chain that are shown. */
const LINKS_MAX = 20;
/** That of `node --inspect`. */
const INSPECTOR_PORT = 9229;
const problemsOfFault = schemaCheck(SCENARIO_SCHEMA, 'Fault');

/** `announce` is told where a debugger can attach, before all stands still. @throws UsageError, DebugError */
export async function carryOut(
  { journey, inspection }: Session,
  { name, rest }: Command,
  announce: (where: Inspected) => Promise<void>,
): Promise<Answer> {
  switch (name) {
    case 'goto':
      return placeAnswer(journey, await journey.goto(stepNamed(journey, name, rest)));
    case 'step':
      return placeAnswer(journey, await journey.goto(stepFrom(journey, rest, 1)));
    case 'back':
      return placeAnswer(journey, await journey.goto(stepFrom(journey, rest, -1)));
    case 'until':
    case 'back-until': {
      const direction = name === 'until' ? 'forward' : 'back';
      const found = await until(journey, conditionIn(journey, name, rest), direction);
      if ('step' in found) return placeAnswer(journey, found);
      return { is: 'unmet', condition: `${name} ${rest}`, thrown: found.thrown };
    }
    case 'where':
      return placeAnswer(journey, await journey.here());
    case 'state':
      return journey.look((scene) => scene.show(rest === '' ? undefined : rest));
    case 'eval': {
      const { node, code } = codeIn(journey, name, rest);
      return { is: 'value', value: await journey.look((scene) => evaluateOn(scene, node, code)) };
    }
    case 'why': {
      const step = rest === '' ? journey.step : existing(journey, stepNamed(journey, name, rest));
      return { is: 'chain', chain: await why(journey, step, LINKS_MAX) };
    }
    case 'when': {
      const asked = /^(.*\S)\s+changed$/s.exec(rest);
      if (asked === null) throw usage(name);
      const { node, code } = codeIn(journey, name, asked[1]!);
      const changed = await changesOf(journey, node, code);
      return { is: 'changes', changed, here: journey.step };
    }
    case 'diff':
      if (rest === '') throw usage(name);
      return { is: 'difference', difference: await compareWith(journey, checkedSeed(rest)) };
    case 'modify': {
      const branch = await journey.change(changeIn(journey, rest));
      return { is: 'branches', branches: [outcomeOf(branch)], present: branch.number };
    }
    case 'redraw': {
      const branch = await journey.redraw(rest === '' ? nextSeed(journey) : checkedSeed(rest));
      return { is: 'branches', branches: [outcomeOf(branch)], present: branch.number };
    }
    case 'branch':
      if (rest !== '') await journey.switchTo(wholeNumber(rest, name));
      return {
        is: 'branches',
        branches: journey.branches.map(outcomeOf),
        present: journey.branch.number,
      };
    case 'inspect': {
      const port = rest === '' ? INSPECTOR_PORT : wholeNumber(rest, name);
      if (port > 65_535) throw usage(name);
      await inspection.stopIn(journey, port, announce);
      return placeAnswer(journey, await journey.here());
    }
    case 'help':
      return { is: 'help' };
    case 'quit':
      return { is: 'bye' };
  }
}

export function outcomeOf({ number, changes, redrawn, course }: Branch): Outcome {
  return {
    number,
    changes,
    redrawn: redrawn.map(({ step, seed }) => ({ step, seed })),
    steps: course.steps,
    result: course.result,
  };
}

/** The number of the branch to come: the same session draws the same. */
function nextSeed({ branches }: Journey): string {
  return String(branches.length);
}

function placeAnswer({ course }: Journey, place: Arrival): Answer {
  return { is: 'place', place, steps: course.steps };
}

function stepNamed({ course }: Journey, name: CommandName, text: string): number {
  if (text === 'start') return course.first;
  if (text === 'end') return course.steps;
  if (text === 'failure') {
    const { failure } = course.result;
    if (failure !== undefined) return Math.min(failure.step, course.steps);
    throw new UsageError('this run has no failure');
  }
  const time = /^(\d+(?:\.\d+)?)(ms|s)$/.exec(text);
  if (time === null) return wholeNumber(text, name);
  if (!course.timed)
    throw new UsageError('no time passes among threads: go to a step by its number');
  return course.stepAt(nsOfMs(Number(time[1]) * (time[2] === 's' ? 1000 : 1)));
}

function existing({ course: { first, steps } }: Journey, step: number): number {
  if (step >= first && step <= steps) return step;
  throw new UsageError(`there is no step ${step}: the run has steps ${first} to ${steps}`);
}

function stepFrom({ course, step }: Journey, rest: string, way: 1 | -1): number {
  if (rest === '' || /^\d+$/.test(rest)) {
    const to = step + way * Number(rest || 1);
    if (to >= course.first && to <= course.steps) return to;
    const end = way === 1 ? `after step ${step} of ${course.steps}` : `before step ${step}`;
    throw new UsageError(`there are not so many steps ${end}`);
  }
  if (!course.actors.includes(rest)) {
    const names = course.nodes.length > 0 ? course.nodes : course.actors;
    const hint = didYouMean(rest, course.actors) || `; there are: ${names.join(', ')}`;
    throw new UsageError(`nobody is named '${rest}'${hint}`);
  }
  for (let at = step + way; at >= 1 && at <= course.steps; at += way) {
    if (course.actor(at) === rest) return at;
  }
  throw new UsageError(`${rest} has no step ${way === 1 ? 'after' : 'before'} step ${step}`);
}

function conditionIn(journey: Journey, name: CommandName, rest: string): Condition {
  const pattern = /^\/(.+)\/(i?)$/.exec(rest);
  if (pattern === null) {
    const { node, code } = codeIn(journey, name, rest);
    return { is: 'holds', node, expression: code };
  }
  try {
    return { is: 'told', pattern: new RegExp(pattern[1]!, pattern[2]) };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** `NODE CODE`; the node may be left out where there is one only, and among threads there is none. */
function codeIn(
  { course: { nodes } }: Journey,
  name: CommandName,
  rest: string,
): { readonly node: string; readonly code: string } {
  const [word = ''] = rest.split(/\s/, 1);
  const behind = rest.slice(word.length).trim();
  if (nodes.includes(word) && behind !== '') return { node: word, code: checked(behind) };
  if (rest === '') throw usage(name);
  const [only, another] = nodes;
  if (only === undefined) return { node: '', code: checked(rest) };
  if (another === undefined) return { node: only, code: checked(rest) };
  if (nodes.includes(word)) throw usage(name);
  const hint = didYouMean(word, nodes) || `; there are: ${nodes.join(', ')}`;
  throw new UsageError(`no node is named '${word}'${hint}`);
}

function checked(code: string): string {
  checkCode(code);
  return code;
}

function changeIn(journey: Journey, rest: string): Change {
  const { step } = journey;
  const fault = /^fault\s+(\{.*)$/s.exec(rest);
  if (fault === null) return { is: 'code', step, ...codeIn(journey, 'modify', rest) };
  return { is: 'fault', step, fault: faultIn(journey, fault[1]!) };
}

function faultIn({ course }: Journey, text: string): Fault {
  let fault: Fault;
  try {
    fault = JSON.parse(text) as Fault;
  } catch (error) {
    throw new UsageError(`a fault is JSON, as {"kind":"crash",…}: ${(error as Error).message}`);
  }
  const [problem] = problemsOfFault(fault);
  if (problem !== undefined) throw new UsageError(`that is no fault: ${problem.message}`);
  const missing = kindOf(fault)
    .nodes(fault)
    .find((node) => !course.nodes.includes(node));
  if (missing === undefined) return fault;
  const hint = didYouMean(missing, course.nodes) || `; there are: ${course.nodes.join(', ')}`;
  throw new DebugError('no-such', `no node is named '${missing}'${hint}`);
}

function wholeNumber(text: string, name: CommandName): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw usage(name);
}
